"""A private Dovecot: IMAP on free loopback ports, with its own users, certificates and mail."""

from __future__ import annotations

import datetime
import imaplib
import os
import pwd
import shutil
import socket
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import Server, free_port

PASSWORD = 'pass "wörd" \\ 1'
CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = {ssl}
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot(Server):
    """A mail server of our own. `mechanisms` and `tls` are what it offers."""

    WANTED = "Dovecot is not installed; get it: apt-get install dovecot-imapd"

    @staticmethod
    def program() -> str | None:
        """The server, which no ordinary path leads to."""
        real = Path("/usr/sbin/dovecot")
        return str(real) if real.exists() else shutil.which("dovecot")

    def __init__(self, mechanisms: str = "plain login", tls: bool = True) -> None:
        super().__init__()
        self.tls_port = free_port()
        self._mechanisms, self._tls = mechanisms, tls
        self.folder.chmod(0o755)
        self._write_certificate()
        (self.folder / "users").write_text(f"ada:{{PLAIN}}{PASSWORD}\nbob:{{PLAIN}}{PASSWORD}\n")
        (self.folder / "mail").mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder / "mail", "nobody")

    @property
    def trusted(self) -> ssl.SSLContext:
        """What trusts its certificate."""
        return ssl.create_default_context(cafile=str(self.folder / "cert.pem"))

    def command(self) -> Sequence[str]:
        is_root = os.getuid() == 0
        me = pwd.getpwuid(os.getuid())
        mail = pwd.getpwnam("nobody") if is_root else me
        text = CONFIG.format(
            folder=self.folder,
            ssl="yes" if self._tls else "no",
            mechanisms=self._mechanisms,
            internal="dovecot" if is_root else me.pw_name,
            group="dovecot" if is_root else me.pw_gid,
            login="dovenull" if is_root else me.pw_name,
            user=mail.pw_name,
            gid=mail.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
        )
        (self.folder / "dovecot.conf").write_text(text)
        return [self.program() or "", "-F", "-c", str(self.folder / "dovecot.conf")]

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as wire:
                wire.settimeout(5)
                return wire.recv(4) == b"* OK"
        except OSError:
            return False

    def connect(self, user: str = "ada") -> imaplib.IMAP4:
        """A session, to put letters there and to look at them."""
        server = imaplib.IMAP4_SSL("127.0.0.1", self.tls_port, ssl_context=self.trusted)
        server.authenticate("PLAIN", lambda _: f"\0{user}\0{PASSWORD}".encode())
        return server

    def put(self, *letters: bytes, folder: str = "INBOX", user: str = "ada") -> None:
        """Let letters arrive."""
        with self.connect(user) as server:
            server.create(folder)
            for each in letters:
                status, said = server.append(folder, "", "", each)
                assert status == "OK", said

    def forget(self, user: str = "ada") -> None:
        """Empty a mailbox, and number anew what comes."""
        shutil.rmtree(self.folder / "mail" / user, ignore_errors=True)

    def seen(self, folder: str = "INBOX", user: str = "ada") -> list[bool]:
        """Which letters are marked as read."""
        with self.connect(user) as server:
            server.select(folder, readonly=True)
            _, found = server.uid("FETCH", "1:*", "(FLAGS)")
            return [b"\\Seen" in line for line in found if isinstance(line, bytes)]

    def _write_certificate(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.UTC)
        names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        made = made.not_valid_after(now + datetime.timedelta(days=2))
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
            key, hashes.SHA256()
        )
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (self.folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
        (self.folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
