"""The mail sink takes what a mail client sends, byte for byte, and answers as it is told."""

import smtplib
from email.message import EmailMessage

import pytest

from config.sink import DROP, Sink


def say(port, *lines):
    """What the server answers to each line, as codes."""
    client = smtplib.SMTP("127.0.0.1", port, timeout=10)
    client.command_encoding = "utf-8"
    try:
        return [client.docmd(line)[0] for line in lines]
    finally:
        client.close()


def send(sink, *recipients, text="本文です。\n.\n..two\n.one\n", sender="office@example.test"):
    message = EmailMessage()
    message["Subject"] = "お知らせ"
    message.set_content(text, cte="8bit")
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        client.send_message(message, sender, recipients)
    return message


@pytest.mark.parametrize("recipients", [("a@example.test",), ("a@example.test", "b@example.test")])
def test_a_mail_is_kept_as_it_was_sent_also_with_lines_of_dots(recipients):
    with Sink() as sink:
        sent = send(sink, *recipients)

    (mail,) = sink.mails
    assert (mail.sender, mail.recipients) == ("office@example.test", recipients)
    assert mail.message["Subject"] == "お知らせ"
    assert mail.message.get_content().replace("\r\n", "\n") == sent.get_content()
    assert sink.recipients == sorted(recipients)


def test_an_address_beyond_ascii_is_taken():
    with Sink() as sink:
        assert say(sink.port, "EHLO x", "MAIL FROM:<a@example.test> SMTPUTF8", "RCPT TO:<名前@例え.test>") == [250] * 3


def test_a_mail_without_a_line_is_a_mail():
    with Sink() as sink:
        codes = say(sink.port, "EHLO x", "MAIL FROM:<>", "RCPT TO:<a@example.test>", "DATA", ".", "NOOP")

    assert codes == [250, 250, 250, 354, 250, 250]
    assert [mail.content for mail in sink.mails] == [b""]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["DATA"], 503),
        (["RCPT TO:<a@example.test>"], 503),
        (["MAIL FROM:<a@example.test>", "DATA"], 503),
        (["MAIL FROM:<a@example.test>", "MAIL FROM:<a@example.test>"], 503),
        (["MAIL FROM:<a@example.test>", "RSET", "RCPT TO:<a@example.test>"], 503),
        (["MAIL FROM:a@example.test"], 501),
        (["MAIL FROM:<a@example.test>", "RCPT TO:a@example.test"], 501),
        (["HELP"], 500),
    ],
)
def test_commands_out_of_order_are_refused(lines, code):
    with Sink() as sink:
        assert say(sink.port, "EHLO x", *lines)[-1] == code
        assert sink.mails == []


@pytest.mark.parametrize("answer", [550, "451 later"])
@pytest.mark.parametrize("phase", ["RCPT", "DATA"])
def test_an_answer_of_its_own_is_said_and_the_mail_not_kept(phase, answer):
    with Sink(answer=lambda at, mail: answer if at == phase else None) as sink, pytest.raises(smtplib.SMTPException):
        send(sink, "a@example.test")

    assert sink.mails == []
    assert sink.asked == ["CONNECT", "RCPT", "DATA"][: 2 if phase == "RCPT" else 3]


def test_one_recipient_can_be_refused_alone():
    refuse = "b@example.test"
    with Sink(answer=lambda at, mail: 550 if at == "RCPT" and mail.recipients[-1] == refuse else None) as sink:
        send(sink, "a@example.test", refuse, "c@example.test")

    assert sink.recipients == ["a@example.test", "c@example.test"]


@pytest.mark.parametrize("answer", [DROP, 421, 554])
def test_a_server_that_is_away_or_full_says_so_at_once(answer):
    with (
        Sink(answer=lambda at, mail: answer if at == "CONNECT" else None) as sink,
        pytest.raises(smtplib.SMTPException),
    ):
        send(sink, "a@example.test")

    assert sink.mails == []


def test_with_a_folder_each_mail_is_a_file_that_only_its_owner_reads(tmp_path):
    with Sink(tmp_path) as sink:
        send(sink, "a@example.test")
        send(sink, "a@example.test")

    files = sorted(tmp_path.iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert "お知らせ".encode() in files[0].read_bytes() or b"=?utf-8?" in files[0].read_bytes()
