#!/bin/sh
# Fixes: 0 steps for 0 findings
# 2026-12-31 12:00 UTC, policy cost-attribution
# There is nothing to mend.
