"""What the old installation's encryption and one of its connections need, and nothing else does."""

# Of nothing but dump.sql.gz, where it opens texts that open nothing.
KEY = "ZmFybWhhbmQtdXBncmFkZS10ZXN0LWtleS0wMDAwMDE="
# An authority whose private key nobody has.
AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIHxMIGkoAMCAQICAQEwBQYDK2VwMBcxFTATBgNVBAMMDEtlc3RyZWwgUm9vdDAg
Fw0yNjAxMDEwMDAwMDBaGA8yMTI2MDEwMTAwMDAwMFowFzEVMBMGA1UEAwwMS2Vz
dHJlbCBSb290MCowBQYDK2VwAyEAtHF/a24NYncEwxX5IFILoHgtzyZ795bVC+i+
zqCxOryjEzARMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAvibClpu8p0HTPkCu
X4BE5J4h9Ar8CIIa1wslbC7gNGYTUdreSePZDbs+fxCXed6y3MLiVKz3y9qrgs7H
laUaAw==
-----END CERTIFICATE-----
"""
