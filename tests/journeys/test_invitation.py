"""A colleague is invited, sees and may do what the role says, and a little more with another role."""

from tests.journeys.people import JOURNEY

pytestmark = JOURNEY


def test_a_colleague_sees_and_may_do_what_the_role_says(somebody):
    owner, lena = somebody("otto"), somebody("lena")
    owner.sign_up()
    owner.go("Team")
    owner.follow("Invite member")
    owner.write("Email", lena.email)
    owner.pick("Viewer")
    owner.press("Create invitation")
    owner.sees(f"Invitation sent to {lena.email}")
    lena.visit(owner.page.get_by_text("/join/").first.inner_text())
    lena.follow("Create account")
    lena.make_an_account()
    lena.press("Join team")
    lena.go("Pools")
    lena.sees("No pools yet")
    assert lena.page.get_by_role("link", name="New pool").count() == 0
    assert lena.page.goto(lena.page.url + "new/").status == 403
    lena.sees("this requires member or higher")
    owner.go("Team")
    owner.choose(f"Role of {lena.email}", "member")
    owner.hands.press(owner.page.get_by_role("row", name=lena.email).get_by_role("button", name="Save"))
    owner.sees(f"{lena.email} is now member")
    lena.visit(lena.page.url)
    lena.page.get_by_role("button", name="Create pool").wait_for()
