"""Who gets what at every address and method of the product. Written by hand: nobody asked the code.

A number is the status of the answer, `in` a redirect to the sign-in. The words in capitals are rows of the team of
tests/house.py; stranger and operator are in no team. tests/test_rights.py fails for an address or a method that is
missing here, tests/screens/ and tests/test_looks.py visit each page that stands here.
"""

PEOPLE = """
                                              owner admin member viewer stranger operator nobody
# Open to everybody
GET   /                                        302   302    302    302      302      302    200
GET   /health                                  200   200    200    200      200      200    200
GET   /pricing/                                  200   200    200    200      200      200    200
GET   /compare/                                  200   200    200    200      200      200    200
GET   /security/                                 200   200    200    200      200      200    200
GET   /terms/                                    404   404    404    404      404      404    404
GET   /privacy/                                  404   404    404    404      404      404    404
GET   /labels/                                   200   200    200    200      200      200    200
GET   /status/                                   200   200    200    200      200      200    200
GET   /docs/                                     200   200    200    200      200      200    200
GET   /docs/pools/                               200   200    200    200      200      200    200
GET   /docs/api-reference/                       200   200    200    200      200      200    200
GET   /docs/api-reference/jobs/                  200   200    200    200      200      200    200
GET   /docs/images/job.png                       200   200    200    200      200      200    200
GET   /robots.txt                                200   200    200    200      200      200    200
GET   /sitemap.xml                               200   200    200    200      200      200    200
GET   /favicon.ico                               301   301    301    301      301      301    301

# A team at work
GET   /t/TEAM/                                 200   200    200    200      404      404     in
GET   /t/TEAM/today/                           200   200    200    200      404      404     in
GET   /t/TEAM/search/                          200   200    200    200      404      404     in
GET   /t/TEAM/start/                           200   200    200    200      404      404     in
GET   /t/TEAM/start/pool/                      405   405    405    405      404      404     in
POST  /t/TEAM/start/pool/                      302   302    302    403      404      404     in
GET   /t/TEAM/jobs/                            200   200    200    200      404      404     in
GET   /t/TEAM/jobs/JOB/                        200   200    200    200      404      404     in
GET   /t/TEAM/jobs/JOB/log/                    200   200    200    200      404      404     in
GET   /t/TEAM/jobs/JOB/log/lines/              200   200    200    200      404      404     in
GET   /t/TEAM/jobs/JOB/log/file/               302   302    302    302      404      404     in
GET   /t/TEAM/jobs.csv                         200   200    200    200      404      404     in
GET   /t/TEAM/jobs/JOB/rerun/                  200   200    200    403      404      404     in
POST  /t/TEAM/jobs/JOB/rerun/                  302   302    302    403      404      404     in
GET   /t/TEAM/jobs/JOB/cancel/                 200   200    200    403      404      404     in
POST  /t/TEAM/jobs/JOB/cancel/                 302   302    302    403      404      404     in
GET   /t/TEAM/pools/                           200   200    200    200      404      404     in
GET   /t/TEAM/pools/new/                       200   200    200    403      404      404     in
POST  /t/TEAM/pools/new/                       302   302    302    403      404      404     in
GET   /t/TEAM/pools/import/                    200   200    200    403      404      404     in
POST  /t/TEAM/pools/import/                    200   200    200    403      404      404     in
GET   /t/TEAM/pools/POOL/                      200   200    200    200      404      404     in
GET   /t/TEAM/pools/POOL/tfrobot/              200   200    200    200      404      404     in
GET   /t/TEAM/pools/POOL/nodes/                200   200    200    200      404      404     in
GET   /t/TEAM/pools/POOL/sizes/                200   200    200    200      404      404     in
GET   /t/TEAM/pools/POOL/dry-run/              200   200    200    200      404      404     in
GET   /t/TEAM/pools/POOL/try/                  200   200    200    200      404      404     in
GET   /t/TEAM/pools/POOL/edit/                 200   200    200    403      404      404     in
POST  /t/TEAM/pools/POOL/edit/                 302   302    302    403      404      404     in
GET   /t/TEAM/pools/POOL/up/                   405   405    405    405      404      404     in
POST  /t/TEAM/pools/POOL/up/                   302   302    302    403      404      404     in
GET   /t/TEAM/pools/POOL/down/                 405   405    405    405      404      404     in
POST  /t/TEAM/pools/POOL/down/                 302   302    302    403      404      404     in
GET   /t/TEAM/pools/POOL/close/                200   200    200    403      404      404     in
POST  /t/TEAM/pools/POOL/close/                302   302    302    403      404      404     in
GET   /t/TEAM/vms/                        200   200    200    200      404      404     in
GET   /t/TEAM/vms/VM/                     200   200    200    200      404      404     in
GET   /t/TEAM/vms/VM/retire/              200   200    200    403      404      404     in
POST  /t/TEAM/vms/VM/retire/              302   302    302    403      404      404     in
GET   /t/TEAM/vms/VM/debug/               405   405    405    405      404      404     in
POST  /t/TEAM/vms/VM/debug/               302   302    403    403      404      404     in
GET   /t/TEAM/vms/VM/debug/close/         302   302    302    403      404      404     in
POST  /t/TEAM/vms/VM/debug/close/         302   302    302    403      404      404     in
GET   /t/TEAM/servers/                         200   200    200    200      404      404     in
GET   /t/TEAM/servers/apps/                    200   200    200    200      404      404     in
GET   /t/TEAM/servers/apps/zeroci/             200   200    200    200      404      404     in
GET   /t/TEAM/servers/apps/pages/              200   200    200    200      404      404     in
GET   /t/TEAM/servers/apps/pages/deploy/       200   200    200    403      404      404     in
POST  /t/TEAM/servers/apps/pages/deploy/       302   302    302    403      404      404     in
GET   /t/TEAM/servers/SERVER/                  200   200    200    200      404      404     in
GET   /t/TEAM/servers/SERVER/secrets/          405   405    405    405      404      404     in
POST  /t/TEAM/servers/SERVER/secrets/          200   200    200    403      404      404     in
GET   /t/TEAM/servers/SERVER/delete/           200   200    200    403      404      404     in
POST  /t/TEAM/servers/SERVER/delete/           302   302    302    403      404      404     in
GET   /t/TEAM/nodes/                           200   200    200    200      404      404     in
GET   /t/TEAM/nodes/compare/                   200   200    200    200      404      404     in
GET   /t/TEAM/nodes/NODE/drain/                200   200    200    403      404      404     in
POST  /t/TEAM/nodes/NODE/drain/                302   302    302    403      404      404     in
GET   /t/TEAM/nodes/NODE/use/                  405   405    405    405      404      404     in
POST  /t/TEAM/nodes/NODE/use/                  302   302    302    403      404      404     in
GET   /t/TEAM/nodes/searches/                  405   405    405    405      404      404     in
POST  /t/TEAM/nodes/searches/                  302   302    302    403      404      404     in
GET   /t/TEAM/nodes/searches/SEARCH/forget/    405   405    405    405      404      404     in
POST  /t/TEAM/nodes/searches/SEARCH/forget/    302   302    302    403      404      404     in
GET   /t/TEAM/spend/                           200   200    200    200      404      404     in
GET   /t/TEAM/spend/ledger/                    200   200    200    200      404      404     in
GET   /t/TEAM/spend.csv                        200   200    200    200      404      404     in
GET   /t/TEAM/spend/elsewhere/                 200   200    200    200      404      404     in
GET   /t/TEAM/spend/ask/                       405   405    405    405      404      404     in
POST  /t/TEAM/spend/ask/                       302   302    302    403      404      404     in
GET   /t/TEAM/spend/pay-out/                   200   403    403    403      404      404     in
GET   /t/TEAM/spend/pay-out/new/               302   403    403    403      404      404     in
POST  /t/TEAM/spend/pay-out/new/               302   403    403    403      404      404     in
GET   /t/TEAM/spend/pay-out/WITHDRAWAL/stop/   200   403    403    403      404      404     in
POST  /t/TEAM/spend/pay-out/WITHDRAWAL/stop/   302   403    403    403      404      404     in
GET   /t/TEAM/spend/pay-out/confirm/nothing/  404   403    403    403      404      404     in
POST  /t/TEAM/spend/pay-out/confirm/nothing/  404   403    403    403      404      404     in
GET   /t/TEAM/spend/funds/                     200   200    200    200      404      404     in
GET   /t/TEAM/spend/statements/                200   200    200    200      404      404     in
GET   /t/TEAM/spend/statements/MONTH/          200   200    200    200      404      404     in
GET   /t/TEAM/spend/statements/MONTH.csv       200   200    200    200      404      404     in
GET   /t/TEAM/spend/statements/MONTH.pdf       200   200    200    200      404      404     in
GET   /t/TEAM/spend/limits/                    200   200    200    200      404      404     in
GET   /t/TEAM/spend/limits/new/                200   200    403    403      404      404     in
POST  /t/TEAM/spend/limits/new/                302   302    403    403      404      404     in
GET   /t/TEAM/spend/limits/LIMIT/edit/         200   200    403    403      404      404     in
POST  /t/TEAM/spend/limits/LIMIT/edit/         302   302    403    403      404      404     in
GET   /t/TEAM/spend/limits/LIMIT/delete/       200   200    403    403      404      404     in
POST  /t/TEAM/spend/limits/LIMIT/delete/       302   302    403    403      404      404     in
GET   /t/TEAM/spend/deposit/                   200   200    200    200      404      404     in
GET   /t/TEAM/spend/deposit/practice/          405   405    405    405      404      404     in
POST  /t/TEAM/spend/deposit/practice/          302   302    302    403      404      404     in
GET   /t/TEAM/spend/own-twin/                  200   200    200    200      404      404     in
GET   /t/TEAM/spend/own-twin/words/            302   403    403    403      404      404     in
POST  /t/TEAM/spend/own-twin/words/            302   403    403    403      404      404     in
GET   /t/TEAM/spend/own-twin/practice/         405   405    405    405      404      404     in
POST  /t/TEAM/spend/own-twin/practice/         302   403    403    403      404      404     in
GET   /t/TEAM/spend/own-twin/use/              405   405    405    405      404      404     in
POST  /t/TEAM/spend/own-twin/use/              302   403    403    403      404      404     in
GET   /t/TEAM/spend/own-twin/stop/             405   405    405    405      404      404     in
POST  /t/TEAM/spend/own-twin/stop/             302   403    403    403      404      404     in
GET   /t/TEAM/spend/own-twin/remove/           200   403    403    403      404      404     in
POST  /t/TEAM/spend/own-twin/remove/           302   403    403    403      404      404     in

# Its code hosts
GET   /t/TEAM/connections/                          200   200    200    200      404      404     in
GET   /t/TEAM/connections/new/                     200   200    403    403      404      404     in
POST  /t/TEAM/connections/new/                     302   302    403    403      404      404     in
GET   /t/TEAM/connections/github/                   200   200    403    403      404      404     in
POST  /t/TEAM/connections/github/                   302   302    403    403      404      404     in
GET   /t/TEAM/connections/github/1/install/         404   404    403    403      404      404     in
GET   /t/TEAM/connections/github/1/sign-in/         404   404    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/                      200   200    200    200      404      404     in
GET   /t/TEAM/connections/CONNECTION/test-job/             200   200    200    200      404      404     in
POST  /t/TEAM/connections/CONNECTION/test-job/             302   302    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/check/                405   405    405    405      404      404     in
POST  /t/TEAM/connections/CONNECTION/check/                302   302    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/token/                405   405    405    405      404      404     in
POST  /t/TEAM/connections/CONNECTION/token/                302   302    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/discovery/                  405   405    405    405      404      404     in
POST  /t/TEAM/connections/CONNECTION/discovery/                  302   302    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/reach/                405   405    405    405      404      404     in
POST  /t/TEAM/connections/CONNECTION/reach/                302   302    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/migrate/                 200   200    403    403      404      404     in
POST  /t/TEAM/connections/CONNECTION/migrate/                 200   200    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/migrate.patch            302   302    403    403      404      404     in
GET   /t/TEAM/connections/CONNECTION/disconnect/               200   200    403    403      404      404     in
POST  /t/TEAM/connections/CONNECTION/disconnect/               302   302    403    403      404      404     in

# Its people and what they did
GET   /t/TEAM/team/                            200   200    200    200      404      404     in
GET   /t/TEAM/team/name/                       405   405    405    405      404      404     in
POST  /t/TEAM/team/name/                       302   302    403    403      404      404     in
GET   /t/TEAM/team/people/MEMBER/role/         405   405    405    405      404      404     in
POST  /t/TEAM/team/people/MEMBER/role/         302   302    403    403      404      404     in
GET   /t/TEAM/team/people/MEMBER/remove/       200   200    403    403      404      404     in
POST  /t/TEAM/team/people/MEMBER/remove/       302   302    403    403      404      404     in
GET   /t/TEAM/team/tokens/                     200   200    403    403      404      404     in
POST  /t/TEAM/team/tokens/                     200   200    403    403      404      404     in
GET   /t/TEAM/team/tokens/TOKEN/revoke/        200   200    403    403      404      404     in
POST  /t/TEAM/team/tokens/TOKEN/revoke/        302   302    403    403      404      404     in
GET   /t/TEAM/team/invite/                     200   200    403    403      404      404     in
POST  /t/TEAM/team/invite/                     200   200    403    403      404      404     in
GET   /t/TEAM/team/invitations/INVITATION/renew/   405   405   405   405    404      404     in
POST  /t/TEAM/team/invitations/INVITATION/renew/   200   200   403   403    404      404     in
GET   /t/TEAM/team/invitations/INVITATION/revoke/  200   200   403   403    404      404     in
POST  /t/TEAM/team/invitations/INVITATION/revoke/  302   302   403   403    404      404     in
GET   /t/TEAM/team/settings/                   200   200    403    403      404      404     in
GET   /t/TEAM/team/time-zone/                  405   405    405    405      404      404     in
POST  /t/TEAM/team/time-zone/                  302   302    403    403      404      404     in
GET   /t/TEAM/team/billing-details/            405   405    405    405      404      404     in
POST  /t/TEAM/team/billing-details/            302   302    403    403      404      404     in
GET   /t/TEAM/team/two-factors/                405   405    405    405      404      404     in
POST  /t/TEAM/team/two-factors/                302   302    403    403      404      404     in
GET   /t/TEAM/team/hand-over/                  200   403    403    403      404      404     in
POST  /t/TEAM/team/hand-over/                  302   403    403    403      404      404     in
GET   /t/TEAM/team/delete/                     200   403    403    403      404      404     in
POST  /t/TEAM/team/delete/                     302   403    403    403      404      404     in
GET   /t/TEAM/team/keep/                       405   405    405    405      404      404     in
POST  /t/TEAM/team/keep/                       302   403    403    403      404      404     in
GET   /t/TEAM/audit/                           200   200    403    403      404      404     in
GET   /t/TEAM/audit/csv/                       200   200    403    403      404      404     in

# Whoever has the link of an invitation; its own people are sent to their team
GET   /join/INVITED/                           302   302    302    302      200      200    200
POST  /join/INVITED/                           302   302    302    302      302      302    200
GET   /join/nothing/                           404   404    404    404      404      404    404
GET   /pay-out/stop/STOPPING/                  200   200    200    200      200      200    200
POST  /pay-out/stop/STOPPING/                  200   200    200    200      200      200    200

# Everybody's own
GET   /teams/                                  200   200    200    200      200      200     in
POST  /teams/                                  302   302    302    302      302      302     in
GET   /profile/                                200   200    200    200      200      200     in
POST  /profile/                                302   302    302    302      302      302     in
GET   /profile/ssh-keys/                       200   200    200    200      200      200     in
POST  /profile/ssh-keys/                       302   302    302    302      302      302     in
GET   /profile/ssh-keys/1/remove/              404   404    404    404      404      404     in
POST  /profile/ssh-keys/1/remove/              404   404    404    404      404      404     in

# Signing in and up. These people have no password, as who came by a code host: none can be asked for once more (403)
GET   /accounts/login/                         302   302    302    302      302      302    200
POST  /accounts/login/                         302   302    302    302      302      302    200
GET   /accounts/logout/                        200   200    200    200      200      200    302
POST  /accounts/logout/                        302   302    302    302      302      302    302
GET   /accounts/inactive/                      200   200    200    200      200      200    200
GET   /accounts/signup/                        302   302    302    302      302      302    200
POST  /accounts/signup/                        302   302    302    302      302      302    200
GET   /accounts/reauthenticate/                403   403   403    403      403      403     in
POST  /accounts/reauthenticate/                403   403   403    403      403      403     in
GET   /accounts/email/                         200   200    200    200      200      200     in
POST  /accounts/email/                         302   302   302    302      302      302     in
GET   /accounts/confirm-email/                 302   302    302    302      302      302    302
POST  /accounts/confirm-email/                 302   302    302    302      302      302    302
GET   /accounts/password/change/               302   302    302    302      302      302     in
POST  /accounts/password/change/               302   302    302    302      302      302     in
GET   /accounts/password/set/                  200   200    200    200      200      200     in
POST  /accounts/password/set/                  200   200    200    200      200      200     in
GET   /accounts/password/reset/                200   200    200    200      200      200    200
POST  /accounts/password/reset/                200   200    200    200      200      200    200
GET   /accounts/password/reset/confirm/        302   302    302    302      302      302    302
POST  /accounts/password/reset/confirm/        302   302    302    302      302      302    302
GET   /accounts/password/reset/complete/       302   302    302    302      302      302    302
POST  /accounts/password/reset/complete/       302   302    302    302      302      302    302
GET   /accounts/password/reset/done/           200   200    200    200      200      200    200
GET   /accounts/login/code/confirm/            302   302    302    302      302      302    302
POST  /accounts/login/code/confirm/            302   302    302    302      302      302    302
GET   /accounts/2fa/                           200   200    200    200      200      200     in
GET   /accounts/2fa/authenticate/              302   302    302    302      302      302    302
POST  /accounts/2fa/authenticate/              302   302    302    302      302      302    302
GET   /accounts/2fa/reauthenticate/            403   403   403    403      403      403     in
POST  /accounts/2fa/reauthenticate/            403   403   403    403      403      403     in
GET   /accounts/2fa/totp/activate/             200   200   200    200      200      200     in
POST  /accounts/2fa/totp/activate/             200   200   200    200      200      200     in
GET   /accounts/2fa/totp/deactivate/           404   404   404    404      404      404     in
POST  /accounts/2fa/totp/deactivate/           404   404   404    404      404      404     in
GET   /accounts/2fa/recovery-codes/            404   404   404    404      404      404     in
GET   /accounts/2fa/recovery-codes/generate/   200   200   200    200      200      200     in
POST  /accounts/2fa/recovery-codes/generate/   200   200   200    200      200      200     in
GET   /accounts/2fa/recovery-codes/download/   404   404   404    404      404      404     in
GET   /accounts/2fa/webauthn/                  200   200    200    200      200      200     in
GET   /accounts/2fa/webauthn/add/              200   200   200    200      200      200     in
POST  /accounts/2fa/webauthn/add/              200   200   200    200      200      200     in
GET   /accounts/2fa/webauthn/reauthenticate/   403   403   403    403      403      403     in
POST  /accounts/2fa/webauthn/reauthenticate/   403   403   403    403      403      403     in
GET   /accounts/2fa/webauthn/keys/1/remove/    404   404   404    404      404      404     in
POST  /accounts/2fa/webauthn/keys/1/remove/    404   404   404    404      404      404     in
GET   /accounts/2fa/webauthn/keys/1/edit/      404   404    404    404      404      404     in
POST  /accounts/2fa/webauthn/keys/1/edit/      404   404    404    404      404      404     in
GET   /accounts/2fa/webauthn/login/            302   302   302    302      302      302    302
POST  /accounts/2fa/webauthn/login/            302   302    302    302      302      302    302
GET   /accounts/sessions/                      200   200    200    200      200      200     in
POST  /accounts/sessions/                      302   302    302    302      302      302     in
GET   /accounts/sessions/1/end/                404   404    404    404      404      404     in
POST  /accounts/sessions/1/end/                404   404    404    404      404      404     in
GET   /accounts/3rdparty/                      200   200    200    200      200      200     in
POST  /accounts/3rdparty/                      200   200    200    200      200      200     in
GET   /accounts/3rdparty/login/cancelled/      200   200    200    200      200      200    200
GET   /accounts/3rdparty/login/error/          401   401   401    401      401      401     in
GET   /accounts/3rdparty/signup/               302   302    302    302      302      302    302
POST  /accounts/3rdparty/signup/               302   302    302    302      302      302    302
GET   /accounts/social/login/cancelled/        301   301   301    301      301      301     in
GET   /accounts/social/login/error/            301   301   301    301      301      301     in
GET   /accounts/social/signup/                 301   301   301    301      301      301     in
GET   /accounts/social/connections/            301   301   301    301      301      301     in

# Who runs this installation: nobody else learns that this is there
GET   /operator/                               404   404   404    404      404      200     in
GET   /operator/teams/                         404   404   404    404      404      200     in
GET   /operator/teams/TEAM/                    404   404   404    404      404      200     in
GET   /operator/teams/TEAM/credit/             404   404   404    404      404      405     in
GET   /operator/teams/TEAM/limits/             404   404   404    404      404      405     in
GET   /operator/requests/                      404   404   404    404      404      200     in
GET   /operator/withdrawals/                   404   404   404    404      404      200     in
GET   /operator/withdrawals/release/           404   404   404    404      404      302     in
POST  /operator/withdrawals/release/           404   404   404    404      404      302     in
GET   /operator/withdrawals/WITHDRAWAL/paid/   404   404   404    404      404      200     in
POST  /operator/withdrawals/WITHDRAWAL/paid/   404   404   404    404      404      302     in
GET   /operator/requests/1/decline/            404   404   404    404      404      405     in
GET   /operator/vms/                      404   404   404    404      404      200     in
GET   /operator/connections/                         404   404   404    404      404      200     in
GET   /operator/orphans/                       404   404   404    404      404      200     in
GET   /operator/accounts/                      404   404   404    404      404      200     in
GET   /operator/cashier/                       404   404   404    404      404      200     in
GET   /operator/cashier/replace/               404   404   404    404      404      302     in
GET   /operator/prices/                        404   404    404    404      404      200     in
GET   /operator/github/                        404   404    404    404      404      200     in
POST  /operator/github/                        404   404    404    404      404      422     in
POST  /operator/github/1/authority/            404   404    404    404      404      404     in
GET   /operator/github/1/authority/            404   404    404    404      404      405     in
GET   /operator/github/made/                   404   404    404    404      404      403     in
GET   /operator/versions/                      404   404   404    404      404      200     in
GET   /operator/audit/                         404   404   404    404      404      200     in
POST  /operator/teams/TEAM/credit/             404   404   404    404      404      302     in
POST  /operator/teams/TEAM/limits/             404   404   404    404      404      302     in
POST  /operator/requests/1/decline/            404   404   404    404      404      404     in
POST  /operator/accounts/                      404   404   404    404      404      422     in
POST  /operator/cashier/                       404   404   404    404      404      422     in
POST  /operator/cashier/replace/               404   404   404    404      404      302     in

# Who comes back from GitHub: nobody without having gone there
GET   /github/back/                            403   403    403    403      403      403     in

# Doors of VMs, forges and scripts: a browser's session opens none of them
POST  /agent/claim                             400   400    400    400      400      400    400
POST  /agent/order                             401   401    401    401      401      401    401
POST  /agent/started                           401   401    401    401      401      401    401
POST  /agent/beat                              401   401    401    401      401      401    401
POST  /agent/done                              401   401    401    401      401      401    401
GET   /hooks/HOOK                              405   405    405    405      405      405    405
POST  /hooks/HOOK                              403   403    403    403      403      403    403
GET   /api/v1/openapi.json                     200   200    200    200      200      200    200
GET   /api/v1/                                 404   404    404    404      404      404    404
GET   /api/v1/nowhere                          404   404    404    404      404      404    404
"""

# By token: one to write, one to read, another team's to write, none. A member's or viewer's session is none.
API = """
                                write  read  other  none
GET     /api/v1/connections              200   200    200   401
POST    /api/v1/connections              201   403    201   401
GET     /api/v1/connections/CONNECTION          200   200    404   401
GET     /api/v1/connections/CONNECTION/health   200   200    404   401
PATCH   /api/v1/connections/CONNECTION          422   403    404   401
DELETE  /api/v1/connections/CONNECTION          202   403    404   401
POST    /api/v1/connections/CONNECTION/check    200   403    404   401
GET     /api/v1/pools             200   200    200   401
POST    /api/v1/pools             422   403    422   401
POST    /api/v1/pools/import      422   403    422   401
GET     /api/v1/pools/POOL/tfrobot 200  200    404   401
GET     /api/v1/pools/POOL        200   200    404   401
GET     /api/v1/pools/POOL/sizes  200   200    404   401
GET     /api/v1/pools/POOL/dry-run 200  200    404   401
PATCH   /api/v1/pools/POOL        200   403    404   401
DELETE  /api/v1/pools/POOL        202   403    404   401
GET     /api/v1/nodes             200   200    200   401
GET     /api/v1/nodes/NODE        200   200    200   401
POST    /api/v1/nodes/NODE/drain  200   403    200   401
DELETE  /api/v1/nodes/NODE/drain  200   403    200   401
GET     /api/v1/prices            200   200    200   401
GET     /api/v1/jobs              200   200    200   401
GET     /api/v1/jobs/JOB          200   200    404   401
POST    /api/v1/jobs/JOB/rerun    422   403    404   401
POST    /api/v1/jobs/JOB/cancel   422   403    404   401
GET     /api/v1/vms               200   200    200   401
GET     /api/v1/vms/VM            200   200    404   401
DELETE  /api/v1/vms/VM            202   403    404   401
GET     /api/v1/vms/VM/debug      404   403    404   401
POST    /api/v1/vms/VM/debug      422   403    404   401
DELETE  /api/v1/vms/VM/debug      404   403    404   401
GET     /api/v1/apps              200   200    200   401
GET     /api/v1/servers           200   200    200   401
POST    /api/v1/servers           201   403    201   401
GET     /api/v1/servers/SERVER    200   200    404   401
DELETE  /api/v1/servers/SERVER    202   403    404   401
GET     /api/v1/events            200   200    200   401
GET     /api/v1/wallet            200   200    200   401
GET     /api/v1/deposits          200   200    200   401
GET     /api/v1/deposits/address  200   200    404   401
GET     /api/v1/ledger            200   200    200   401
GET     /api/v1/withdrawals       200   200    200   401
GET     /api/v1/spend             422   422    422   401
GET     /api/v1/statements        200   200    200   401
GET     /api/v1/statements/MONTH  200   200    200   401
GET     /api/v1/limits            200   200    200   401
POST    /api/v1/limits            201   403    201   401
GET     /api/v1/limits/LIMIT      200   200    404   401
PATCH   /api/v1/limits/LIMIT      200   403    404   401
DELETE  /api/v1/limits/LIMIT      200   403    404   401
"""
