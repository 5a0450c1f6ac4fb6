"""A customer's page in a real browser: searched, revealed, changed, given a photo, merged and unmerged."""

import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw

from audit.models import Access, Entry
from audit.services.trail import reference
from customers.models import Customer, Media, Merge, PaymentMethod
from customers.services import merging
from tests.browser.people import DESK, PHONE, Clerk, Watch
from tests.browser.test_public_pages import AXE
from tests.factories.audit import ActorFactory
from tests.factories.customers import FULL, make_customer, make_full_customer

pytestmark = [pytest.mark.browser]

PAGE = "/admin/customers/customer/"
OF_THE_PERSON = [FULL["name"], "高橋", "タカハシ", FULL["email"], FULL["telephone"], "原町田", "4242", "鍼灸師", "若葉"]
KNOWN = (
    f"handler approver walker staff {' '.join(str(value) for value in FULL.values())} VISA PayPay JCB Office Ant Ltd. "
    "Cookie WebM プロフィール 画像一覧 若葉銀行 本店 店の前 高橋花子 年 月 日 昭和 女性 男性 その他 回答しない"
)
DONE = ["customer.corrected", "payment.added", "media.added", "merge.proposed", "merge.approved", "merge.undone"]


def a_photo():
    image = Image.new("RGB", (1600, 1000), "#dde6f0")
    ImageDraw.Draw(image).ellipse((500, 200, 1100, 800), fill="#99aabb")
    content = io.BytesIO()
    image.save(content, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def reveal(clerk, section):
    clerk.page.click(f"#{section} details.reveal summary")
    clerk.page.select_option(f"#{section} select", "INQUIRY")
    clerk.page.fill(f"#{section} input[name=case_number]", "7K3M-9QXD")
    return clerk.press(f"#{section} details.reveal button")


def sideways(clerk):
    return clerk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "language"), [(DESK, "ja"), (PHONE, "en")], ids=["desk", "phone, in English"])
def test_a_customer_is_found_seen_changed_and_merged(chromium, web, width, language):
    customer, other = make_full_customer("C0000007"), make_customer("C0000008", name="高橋花子", email=FULL["email"])
    watch = Watch(web.url)
    options = {"width": width, "language": language, "scripts": width == DESK}
    handler, approver = (Clerk(chromium, watch, role, **options) for role in ("handler", "approver"))

    # found by a part of the name, masked until there is a reason
    handler.go(PAGE)
    handler.page.fill("#search-words", "髙橋")
    handler.press("form.search button").press("#rows a:text-is('C0000007')")
    assert FULL["telephone"] not in handler.words
    reveal(handler, "telephone")
    assert FULL["telephone"] in handler.words
    assert FULL["email"] not in handler.words
    handler.press(".banner a")
    assert FULL["telephone"] not in handler.words

    # corrected
    handler.begin("correct")
    handler.page.fill("#id_telephone", "０３−９９９９−８８８８")
    handler.page.select_option("#id_reason", "NOTICE")
    handler.confirm()

    # a card: never a whole number
    handler.press("#payment a.button[href$='/add-card/']")
    handler.page.fill("#id_brand", "JCB")
    handler.page.fill("#id_last_four", "3530 1113 3330 0000")
    handler.page.select_option("#id_reason", "NOTICE")
    handler.confirm()
    assert handler.page.evaluate("document.activeElement.id") == "errors"
    assert handler.page.input_value("#id_brand") == "JCB"
    handler.page.fill("#id_last_four", "0000")
    handler.confirm()
    assert handler.page.url.endswith("/change/#payment")

    # a photo
    handler.press("#media a.button[href$='/add-photo/']")
    handler.page.set_input_files("#id_file", a_photo())
    handler.page.fill("#id_title", "店の前")
    handler.confirm()
    assert not handler.count("#media img")
    reveal(handler, "media")
    assert handler.page.eval_on_selector("#media img", "image => image.complete && image.naturalWidth == 320")
    handler.go(f"{PAGE}{customer.pk}/change/")

    # the same person twice: proposed, approved by somebody else, undone
    handler.press("#merges a[href$='/duplicates/']").press("#duplicates a[href*='with=C0000008']")
    reveal(handler, "beside")
    assert "高橋花子" in handler.words
    handler.confirm()
    merge = Merge.objects.get()
    assert not handler.can("approve")
    approver.go("/admin/customers/merge/").press(f"#rows a:text-is('{merge}')")
    approver.begin("approve")
    approver.confirm()
    handler.go(f"{PAGE}{other.pk}/change/").press(".head-facts a:text-is('C0000007')")
    assert "C0000008" in handler.page.inner_text(".head-facts")
    merged = Customer.objects.get(pk=other.pk).merged_into
    approver.begin("undo")
    approver.confirm()
    handler.go(f"{PAGE}{customer.pk}/change/")
    sides = [sideways(handler), sideways(approver)]
    for someone in (handler, approver):
        someone.close()

    assert merged == customer
    assert Customer.objects.get(pk=other.pk).merged_into is None
    customer.refresh_from_db()
    assert customer.telephone == "０３−９９９９−８８８８"
    assert PaymentMethod.objects.filter(customer=customer).count() == 4
    assert Media.objects.get().title == "店の前"
    assert Access.objects.filter(person=reference(customer)).count() == 3
    actions = Entry.objects.filter(person=reference(customer), actor_label__in=["handler", "approver"])
    done = actions.exclude(action__in=["values.shown", "file.sealed"]).order_by("id").values_list("action", flat=True)
    assert list(done) == DONE
    assert watch.naming(OF_THE_PERSON) == []
    assert watch.faults == []
    assert sides == [0, 0]
    assert left_over(watch) == set()


def left_over(watch):
    """Words of the other language, without those that are known and parts of numbers in hexadecimal digits."""
    words = {word for word in watch.left_over if not re.fullmatch("[a-f]+", word)}
    return {word for word in words if word not in KNOWN and not word.isupper()}


def too_wide(clerk, what):
    """Where the page that is open has to be scrolled sideways; leaves the window as wide as a desk."""
    for width in (320, PHONE, DESK):
        clerk.page.set_viewport_size({"width": width, "height": 800})
        if by := sideways(clerk):
            yield f"{what} at {width} px: {by} px too wide"


LONG = "長" * 60
LONG_WORDS = ("WWW", "www", "exampleexample", "長長", "ななな", "東京都町田市東京都")
PEOPLE = {
    "full": lambda: make_full_customer("C0000007"),
    "empty": lambda: make_customer("C0000008"),
    "long": lambda: make_full_customer(
        "C0000009", name=LONG, kana="な" * 60, nickname="W" * 60, email=f"{'w' * 60}@{'example' * 8}.com",
        address="東京都町田市" * 20, work_history="\n".join(["2009年 青葉工業株式会社"] * 12),
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_of_customers_fit_every_width_are_whole_in_one_language_and_axe_finds_nothing(
    chromium, web, language
):  # fmt: skip
    people = {kind: make() for kind, make in PEOPLE.items()}
    merge = merging.propose(people["full"], people["long"], by=ActorFactory())
    watch = Watch(web.url)
    walker = Clerk(chromium, watch, "handler", name="walker", language=language)
    full, axe, found = f"{PAGE}{people['full'].pk}/", Axe(), []
    card = people["full"].payment_methods.first()
    addresses = [
        *[f"{PAGE}{customer.pk}/change/" for customer in people.values()],
        *[f"{full}{act}/" for act in ("correct", "add-card", "add-external-id", "add-video", "duplicates")],
        f"{full}change-payment/{card.pk}/", f"{full}propose-merge/?with={people['empty']}",
        "/admin/customers/merge/", f"/admin/customers/merge/{merge.pk}/change/",
    ]  # fmt: skip
    checked = chromium.new_context(bypass_csp=True, storage_state=walker.context.storage_state())
    page = checked.new_page()

    for address in addresses:
        walker.go(address)
        found += too_wide(walker, address)
        if language == "ja":  # the same elements in either language
            page.goto(web.url + address)
            found += [f"{address}: {each['id']}" for each in axe.run(page, options=AXE).response["violations"]]
    for section in ("name", "address", "payment", "external_id"):
        walker.go(f"{PAGE}{people['long'].pk}/change/")
        reveal(walker, section)
        found += too_wide(walker, section)
    checked.close()
    walker.close()

    assert found == []
    assert watch.faults == []
    assert {word for word in left_over(watch) if not any(value in word for value in LONG_WORDS)} == set()
