"""What an entry about a payment says, and that HubSpot keeps it word for word."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integrations.sandbox.hubspot import sanitizing
from syncapp.services import entry_texts
from syncapp.services.entry_texts import Credit, Entry, Heading, Share

LINK = "https://app.qbo.intuit.com/app/recvpayment?txnId=12&deeplinkcompanyid=9"
PAID = Entry(
    heading=Heading.PAYMENT, amount=Decimal("1250.5"), currency="USD", day="2026-11-20", method="Check", reference="4711", link=LINK,
    shares=[Share(number="1001", amount=Decimal("1000"), remaining=Decimal(0)), Share(number="1002", amount=Decimal("250.5"))],
)


def said(**facts: object) -> str:
    given: dict[str, object] = {"heading": Heading.PAYMENT, "amount": Decimal(5), "currency": "USD", **facts}
    return entry_texts.text(Entry(**given))  # type: ignore[arg-type]


class TestTheWords:
    def test_of_a_payment(self) -> None:
        assert entry_texts.text(PAID) == (
            "<strong>Payment received: 1,250.50 USD</strong><br>Date: 2026-11-20<br>Method: Check<br>Reference: 4711"
            "<br>Invoice 1001: 1,000.00 USD applied, remaining balance 0.00 USD<br>Invoice 1002: 250.50 USD applied"
            f'<br><a href="{LINK.replace("&", "&amp;")}">Open in QuickBooks</a>'
        )

    def test_of_a_credit_memo_that_was_applied(self) -> None:
        spent, share = Credit(number="CM-7", amount=Decimal(5)), Share(number="1001", amount=Decimal(5), remaining=Decimal(20))

        text = said(heading=Heading.CREDIT_USED, credits=[spent], shares=[share])

        assert text == (
            "<strong>Credit memo applied: 5.00 USD</strong><br>Credit memo CM-7: 5.00 USD used"
            "<br>Invoice 1001: 5.00 USD applied, remaining balance 20.00 USD"
        )

    @pytest.mark.parametrize("heading", [Heading.PAYMENT, Heading.CREDIT_USED])
    def test_of_what_is_laid_on_nothing_any_more(self, heading: Heading) -> None:
        assert said(heading=heading).endswith(": 5.00 USD</strong><br>It is not applied to any invoice now.")

    def test_of_a_refund(self) -> None:
        assert said(heading=Heading.REFUND) == "<strong>Refund paid: 5.00 USD</strong>"

    @pytest.mark.parametrize(
        ("amount", "first"), [(Decimal(60), "VOIDED: payment of 60.00 USD"), (None, "VOIDED: payment")], ids=["seen before", "never seen"]
    )
    def test_of_a_voided_payment(self, amount: Decimal | None, first: str) -> None:
        text = said(amount=amount, voided=True, shares=[Share(number="1001", amount=Decimal(60), remaining=Decimal(40))])

        assert text == (
            f"<strong>{first}</strong><br>It was voided in QuickBooks and counts no more.<br>Before, it was applied to invoice 1001."
        )

    @pytest.mark.parametrize(
        ("amount", "currency", "words"),
        [
            ("0.005", "USD", "0.01 USD"), ("1234567.891", "EUR", "1,234,567.89 EUR"), ("1500", "JPY", "1,500 JPY"), ("-3", "", "-3.00"),
            ("0", "USD", "0.00 USD"),
        ],
    )
    def test_write_amounts_as_people_do(self, amount: str, currency: str, words: str) -> None:
        assert entry_texts.money(Decimal(amount), currency) == words

    def test_end_somewhere(self) -> None:
        shares = [Share(number=str(number), amount=Decimal(1)) for number in range(700)]

        for voided in (False, True):
            assert len(said(shares=shares, voided=voided)) < 10_000
        assert said(shares=shares).endswith("Invoice 99: 1.00 USD applied<br>and 600 more invoices")


class TestTheHtml:
    @pytest.mark.parametrize(
        "nasty",
        [
            "<b>O'Brien</b> & \"Sons\"", "<script>alert(1)</script>", "&lt;&amp;&#39;&nbsp;", "a\nb\tc\r\nd", "  outer  ", "<![CDATA[x]]>",
            "x\x00y\u200bz", "Ünïcödé ☂ 漢字", "5 < 6 > 4", "<!-- -->", "javascript:alert(1)", "<br>", "&copy", "&#x41;",
        ],
    )
    def test_is_kept_by_hubspot_word_for_word(self, nasty: str) -> None:
        text = said(method=nasty, reference=nasty, shares=[Share(number=nasty, amount=Decimal(5))], link=f"https://example.com/?a={nasty}&b=1")

        assert "applied" in text and sanitizing.clean(text) == text
        assert text.count("<") == text.count("<br>") + 4 and "\n" not in text

    def test_is_the_same_for_the_same_facts(self) -> None:
        assert entry_texts.text(PAID) == entry_texts.text(PAID)
