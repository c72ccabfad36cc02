#ifndef TALLYGATE_COPENSSL_SHIM_H
#define TALLYGATE_COPENSSL_SHIM_H

#include <openssl/ssl.h>

#endif
