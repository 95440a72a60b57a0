"""The accounts in a real browser: each flow as somebody goes through it, with mail from the mailbox."""

import base64
import hmac
import re
import secrets
import struct
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from foundry.browser import Visit
from foundry.manifest import TREE
from foundry.server import fetch, wait_for
from playwright.sync_api import CDPSession, Locator, Page

Enter = Callable[[], Visit]

STEP = 30  # seconds
KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}


@dataclass
class App:
    """An authenticator app (RFC 6238), which never shows a code twice."""

    key: str
    step: int = 0

    def code(self) -> str:
        """The code of now, or where it was used already, of the step after it, which is taken early."""
        self.step = max(self.step + 1, int(time.time() / STEP))
        wait_for(lambda: self.step <= time.time() / STEP + 1)
        digest = hmac.digest(base64.b32decode(self.key.replace("-", "")), struct.pack(">Q", self.step), "sha1")
        [number] = struct.unpack_from(">I", digest, digest[-1] & 15)
        return f"{(number & 0x7FFFFFFF) % 10**6:06}"


class Passkeys:
    """What keeps the passkeys of a device: Chromium's own, without hardware."""

    def __init__(self, page: Page) -> None:
        """Let the visitor of this page have some."""
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        self.add()

    def add(self) -> None:
        """Begin with no passkey, and with an owner who always agrees."""
        options = KEY | {"isUserVerified": True, "automaticPresenceSimulation": True}
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def lose(self) -> None:
        """Replace the device by one that has no passkey."""
        self.session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})
        self.add()

    def recognize(self, owner: bool) -> None:
        """Take whoever holds the device for its owner, or for somebody else."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": owner})


@dataclass
class Member:
    """Somebody with an account, or about to have one."""

    visit: Visit
    email: str = field(default_factory=lambda: f"{secrets.token_hex(4)}@example.com")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def register(self) -> None:
        """Ask for an account."""
        self.visit.open("/register")
        self.visit.fill(email=self.email, password=self.password, password_confirm=self.password)
        self.visit.press("Register")

    def log_in(self, after: str = "") -> None:
        """Log in with the password, and go on to a page."""
        self.visit.open(f"/login?next={after}" if after else "/login")
        self.visit.fill(email=self.email, password=self.password)
        self.visit.press("Log in")

    def log_out(self) -> None:
        """Press the button that each page has."""
        self.visit.go(self.visit.page.locator("nav").get_by_role("button", name="Log out"))

    def find_mail(self, subject: str) -> Locator:
        """Look into the mailbox until the message is there."""
        page = self.visit.page
        mails = page.get_by_role("article").filter(has_text=self.email)
        mails = mails.filter(has=page.get_by_role("heading", name=subject))
        wait_for(lambda: self.visit.open("/dev/mailbox") and mails.count())
        return mails.first

    def follow_mail(self, subject: str, path: str) -> None:
        """Click on the link of the message."""
        self.visit.go(self.find_mail(subject).locator(f"pre a[href*='{path}']"))

    def confirm_address(self, subject: str, path: str) -> None:
        """Click on the link of the message, and on the button of the page."""
        self.follow_mail(subject, path)
        self.visit.check()
        self.visit.press("Confirm this address")

    def read_mail(self, subject: str) -> None:
        """Look at the message as a mail client shows it."""
        html = self.find_mail(subject).locator("iframe").get_attribute("srcdoc")
        assert html
        with closing(self.visit.page.context.new_page()) as page:
            letter = Visit(page, self.visit.address, self.visit.complaints)
            letter.watch()
            page.set_content(html)
            letter.check()
            page.emulate_media(color_scheme="dark")
            letter.check()

    def turn_on_two_factor(self) -> App:
        """Set an app up."""
        self.visit.open("/tf-setup")
        self.visit.press("Set up an authenticator app")
        app = App(self.visit.page.inner_text("main code"))
        self.visit.fill(code=app.code())
        self.visit.press("Confirm")
        return app

    def add_passkey(self, name: str, usage: str = "first") -> None:
        """Keep a passkey on this device."""
        self.visit.open("/wan-register")
        self.visit.fill(name=name)
        self.visit.page.check(f"#usage-{usage}")
        self.visit.button("Add the passkey").click()
        self.visit.arrive("/account")


@pytest.fixture
def member(enter: Enter) -> Member:
    """Somebody who has registered, confirmed the address, and logged in."""
    visit = enter()
    member = Member(visit)
    member.register()
    member.confirm_address("Welcome", "/confirm/")
    member.log_in()
    assert visit.path == "/account"
    return member


def test_somebody_registers_confirms_the_address_and_logs_in(visit: Visit) -> None:
    member = Member(visit)
    visit.open("/register")
    visit.fill(email="nobody", password="short", password_confirm="other")
    visit.press("Register")
    assert visit.path == "/register"
    assert visit.page.input_value("#password") == ""
    visit.see("at least 12 characters", "Passwords do not match")
    member.register()
    visit.see(member.email)
    member.log_in()
    assert visit.path == "/login"
    visit.check()
    visit.open("/confirm")
    visit.fill(email=member.email)
    visit.press("Send the mail again")
    visit.see(member.email)
    member.read_mail("Welcome")
    member.read_mail("Confirm your address")
    visit.check()
    member.confirm_address("Confirm your address", "/confirm/")
    assert visit.path == "/login"
    visit.see("confirmed")
    visit.fill(email=member.email, password=member.password)
    visit.press("Log in")
    assert visit.path == "/account"
    visit.see("Your account", member.email, "user", "This one")


def test_a_code_of_an_app_is_the_second_step_and_works_once(member: Member) -> None:
    visit = member.visit
    visit.open("/account")
    visit.follow("Set up two-factor authentication")
    visit.check()
    visit.press("Set up an authenticator app")
    visit.check()
    assert visit.page.get_by_alt_text("QR code").evaluate("image => image.naturalWidth") > 100
    app = App(visit.page.inner_text("main code"))
    used = app.code()
    visit.fill(code=used)
    visit.press("Confirm")
    assert visit.path == "/account"
    visit.see("You have no recovery codes")
    visit.open("/tf-setup")
    visit.see("You log in with an authenticator app.")
    member.log_out()
    member.log_in("/account/tokens")
    assert visit.path.startswith("/tf-validate")
    visit.fill(code=used)
    visit.press("Log in")
    assert visit.path.startswith("/tf-validate")
    visit.see("Invalid code")
    used = app.code()
    visit.fill(code=used)
    visit.press("Log in")
    assert visit.path == "/account/tokens"
    member.log_out()
    member.log_in()
    visit.fill(code=used)
    visit.press("Log in")
    assert visit.path.startswith("/tf-validate")
    visit.see("Invalid code")


def test_a_recovery_code_stands_in_for_the_app_and_works_once(member: Member) -> None:
    visit = member.visit
    member.turn_on_two_factor()
    visit.follow("Generate some now")
    visit.check()
    visit.press("Generate new codes")
    visit.check()
    codes = visit.page.inner_text("main pre").split()
    with visit.page.expect_download() as download:
        visit.page.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_text("utf-8").split() == codes
    member.log_out()
    member.log_in("/account/tokens")
    visit.follow("Use a recovery code")
    visit.check()
    visit.fill(code=codes[0])
    visit.press("Log in")
    assert visit.path == "/account/tokens"
    assert f"{len(codes) - 1} codes left" in visit.open("/account")
    member.log_out()
    member.log_in()
    visit.follow("Use a recovery code")
    visit.fill(code=codes[0])
    visit.press("Log in")
    assert visit.path.startswith("/mf-recovery")
    visit.see("Recovery code invalid")
    member.read_mail("was changed")


def test_a_passkey_is_registered_used_and_deleted(member: Member) -> None:
    visit = member.visit
    Passkeys(visit.page)
    visit.open("/wan-register")
    visit.press("Add the passkey")
    visit.see("Give the passkey a name")
    member.add_passkey("My phone")
    visit.see("My phone", "1 passkey")
    member.log_out()
    visit.open("/login?next=/account/tokens")
    visit.button("Log in with a passkey").click()
    visit.arrive("/account/tokens")
    visit.open("/verify?next=/account/delete")
    visit.check()
    visit.button("Use a passkey").click()
    visit.arrive("/account/delete")
    visit.open("/wan-register")
    visit.see("My phone")
    visit.go(visit.page.locator("tr", has_text="My phone").get_by_role("button"))
    visit.see("My phone")
    assert not visit.page.locator("main tr").count()
    assert "0 passkeys" in visit.open("/account")
    member.read_mail("was changed")


def test_a_passkey_is_the_second_step(member: Member) -> None:
    visit = member.visit
    Passkeys(visit.page)
    member.turn_on_two_factor()
    member.add_passkey("My key", "secondary")
    member.log_out()
    member.log_in("/account/tokens")
    assert visit.path.startswith("/tf-select")
    visit.check()
    visit.press("Passkey")
    visit.check()
    visit.button("Use a passkey").click()
    visit.arrive("/account/tokens")


def test_whoever_cannot_show_a_passkey_is_told_so(member: Member) -> None:
    visit = member.visit
    passkeys = Passkeys(visit.page)
    member.add_passkey("My phone")
    passkeys.recognize(owner=False)
    refuse(visit, "/verify", "Use a passkey")
    passkeys.lose()
    refuse(visit, "/verify", "Use a passkey")
    visit.follow("Use the password instead")
    visit.fill(password=member.password)
    visit.press("Continue")
    passkeys.recognize(owner=False)
    visit.open("/wan-register")
    visit.fill(name="My other phone")
    visit.button("Add the passkey").click()
    visit.button("Try again").wait_for()
    visit.see("No passkey was used.")
    member.log_out()
    refuse(visit, "/login", "Log in with a passkey")
    visit.address = visit.address.replace("localhost", "127.0.0.1")
    refuse(visit, "/login", "Log in with a passkey", "Open it by its name, such as localhost.")


def refuse(visit: Visit, path: str, button: str, why: str = "No passkey was used.") -> None:
    """Try with a passkey, and be told why this did not work."""
    visit.open(path)
    visit.button(button).click()
    visit.button("Try again").wait_for()
    visit.see(why)


def test_a_token_opens_the_api_until_it_is_revoked(member: Member) -> None:
    visit = member.visit
    visit.open("/account")
    visit.follow("Manage the tokens")
    visit.check()
    visit.fill(name="Build <server>")
    visit.press("Create the token")
    visit.see("It is not shown again.", "Build <server>")
    token = {"Authentication-Token": visit.page.input_value("main input[readonly]")}
    me = f"{visit.address}/api/v1/me"
    status, text = fetch(me, **token)
    assert (status, member.email in text) == (200, True)
    assert token["Authentication-Token"] not in visit.open("/account/tokens")
    visit.go(visit.page.locator("tr", has_text="Build <server>").get_by_role("button"))
    visit.see("The token “Build <server>” is revoked.")
    assert fetch(me, **token)[0] == 401


def test_a_forgotten_password_is_replaced(member: Member) -> None:
    visit = member.visit
    member.log_out()
    visit.open("/login")
    visit.follow("Forgot your password?")
    visit.fill(email=member.email)
    visit.press("Send the link")
    visit.see(member.email)
    member.read_mail("Choose a new password")
    member.follow_mail("Choose a new password", "/reset/")
    visit.check()
    old, member.password = member.password, secrets.token_urlsafe(16)
    visit.fill(password=member.password, password_confirm=member.password)
    visit.press("Save the password")
    assert visit.path == "/login"
    Member(visit, member.email, old).log_in()
    assert visit.path == "/login"
    visit.see("The e-mail address or the password is wrong.")
    member.log_in()
    assert visit.path == "/account"
    member.read_mail("was reset")


def test_a_new_password_ends_the_other_sessions(member: Member, enter: Enter) -> None:
    visit, elsewhere = member.visit, Member(enter(), member.email, member.password)
    elsewhere.log_in()
    assert elsewhere.visit.path == "/account"
    visit.open("/change")
    new = secrets.token_urlsafe(16)
    visit.fill(password="not the password", new_password=new, new_password_confirm=new)
    visit.press("Save the password")
    visit.see("Invalid password")
    visit.fill(password=member.password, new_password=new, new_password_confirm=new)
    visit.press("Save the password")
    assert visit.path == "/account"
    elsewhere.visit.open("/account")
    assert elsewhere.visit.path.startswith("/login")
    elsewhere.password = new
    elsewhere.log_in()
    assert elsewhere.visit.path == "/account"
    visit.open("/account")
    visit.press("Log out everywhere")
    visit.see("You are logged out everywhere.")
    elsewhere.visit.open("/account")
    assert elsewhere.visit.path.startswith("/login")
    member.read_mail("was changed")


def test_the_address_is_changed_and_the_account_deleted(member: Member) -> None:
    visit, before = member.visit, Member(member.visit, member.email)
    visit.open("/account")
    visit.follow("Change the e-mail address")
    visit.check()
    member.email = f"{secrets.token_hex(4)}@example.com"
    visit.fill(email=member.email)
    visit.press("Send the link")
    visit.see(member.email)
    member.read_mail("Confirm your new address")
    member.confirm_address("Confirm your new address", "/change-email/")
    assert visit.path == "/account"
    visit.see(member.email)
    before.read_mail("was changed")
    visit.open("/account")
    visit.follow("Delete the account")
    visit.fill(email=before.email)
    visit.press("Delete my account")
    visit.see("This is not the address of your account.")
    visit.fill(email=member.email)
    visit.press("Delete my account")
    assert visit.path == "/"
    visit.see("Your account is deleted.")
    member.read_mail("was changed")
    member.log_in()
    assert visit.path == "/login"


def test_each_page_is_for_those_who_may_see_it(member: Member, administrator: Visit) -> None:
    visit = member.visit
    for path in ("/products/new", "/admin/"):
        member.log_out()
        visit.open(path)
        assert re.match(r"/login\?next=", visit.path)
        visit.see("Log in")
        visit.fill(email=member.email, password=member.password)
        visit.press("Log in")
        assert visit.path.rstrip("?") == path
        visit.refused(403)
        administrator.open(path)
        assert administrator.path == path


def test_the_pages_are_in_the_language_of_the_member(member: Member) -> None:
    visit = member.visit
    with (TREE / "app/translations/es/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="es")
    visit.open("/account")
    visit.follow("Change the language and the time zone")
    visit.page.select_option("main [name=language]", "es")
    visit.page.select_option("main [name=timezone]", "America/Bogota")
    visit.check()
    visit.press("Save")
    pages = {"/account": "Your account", "/tf-setup": "Two-factor authentication", "/login": "Log in"}
    for path, heading in pages.items():
        if path == "/login":
            visit.go(visit.page.locator("nav form[method=post] button"))
        visit.open(path)
        message = catalogue.get(heading)
        assert message
        assert visit.page.inner_text("h1") == message.string
        assert visit.page.locator("html").get_attribute("lang") == "es"
        visit.check()


def test_who_guesses_passwords_is_stopped(visit: Visit) -> None:
    member = Member(visit)
    for _attempt in range(10):
        member.log_in()
        assert "is wrong" in visit.said()
    member.log_in()
    visit.refused(429)
