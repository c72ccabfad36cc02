"""What no server can go below: nginx, which reads the review and answers with the same words whatever it says. Its CPU
time is that of TLS, HTTP and the kernel; its rate is about what the load generator can ask for on this machine."""

import json
import pathlib
import subprocess

from servers import Certificate, Subject, free_ports

# One process, as the load generator is one thread and takes more of a processor for a request than nginx does. Nothing
# lies outside the folder it is started in, so it needs no root.
CONFIGURATION = """\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.3;
        default_type application/json;
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


def floor(nginx: str, certificate: Certificate, review: bytes, folder: pathlib.Path) -> Subject:
    """nginx with its files under `folder`, admitting what has the review's uid."""
    answer = {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "response": {"uid": json.loads(review)["request"]["uid"], "allowed": True},
    }
    (port,) = free_ports(1)
    text = CONFIGURATION.format(
        port=port, certificate=certificate.certificate, key=certificate.key, answer=json.dumps(answer)
    )
    folder.mkdir()
    (folder / "nginx.conf").write_text(text)
    return Subject("nginx", f"'{nginx}' -e stderr -p '{folder}/' -c nginx.conf", "/", port)


def version(nginx: str) -> str:
    """As nginx says it, on standard error: `nginx/1.22.1`."""
    return subprocess.run([nginx, "-v"], capture_output=True, text=True).stderr.rpartition(" ")[2].strip()
