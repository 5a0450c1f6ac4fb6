import pytest

from consent.services.comparison import ADDED, CHANGED, REMOVED, SAME, Gap, Piece, compare, phrases, sentences


def lines(comparison):
    return [line for section in comparison.sections for line in section.lines if line.kind != SAME]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一つ目です。二つ目です。", ["一つ目です。", "二つ目です。"]),
        ("本当？はい！", ["本当？", "はい！"]),
        ("「はい。」と言う。終", ["「はい。」", "と言う。", "終"]),
        ("It is 1.5 yen. See a.b for it. End", ["It is 1.5 yen. ", "See a.b for it. ", "End"]),
        ("no stop", ["no stop"]),
        ("...", ["..."]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_sentences_and_loses_nothing(text, expected):
    assert sentences(text) == expected
    assert "".join(sentences(text)) == text


def test_a_changed_phrase_stands_in_an_unchanged_sentence():
    assert phrases("手数料は一件1000円です。", "手数料は一件1200円です。") == [
        Piece(SAME, "手数料は一件"),
        Piece(REMOVED, "1000"),
        Piece(ADDED, "1200"),
        Piece(SAME, "円です。"),
    ]


def test_common_runs_below_four_characters_belong_to_the_change():
    pieces = phrases("利用者の電話番号を集めます。", "お客様の住所等を集めます。")

    assert pieces == [
        Piece(REMOVED, "利用者の電話番号"),
        Piece(ADDED, "お客様の住所等"),
        Piece(SAME, "を集めます。"),
    ]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("", "あ"),
        ("あ", ""),
        ("同じ文です。", "同じ文です。"),
        ("abc def", "abc xyz def"),
        ("あいうえお", "かきくけこ"),
    ],
)
def test_pieces_give_both_texts_back(older, newer):
    pieces = phrases(older, newer)

    assert "".join(piece.text for piece in pieces if piece.kind != ADDED) == older
    assert "".join(piece.text for piece in pieces if piece.kind != REMOVED) == newer


def test_equal_texts_have_no_changes():
    comparison = compare("## 一\n\n同じです。", "## 一\n\n同じです。")

    assert (comparison.sections, comparison.changes, comparison.unchanged) == ([], 0, 1)


def test_an_added_item_is_one_line_and_its_section_is_named():
    comparison = compare(
        "## 集める情報\n\n- 氏名\n- 住所\n\n## 窓口\n\n本社",
        "## 集める情報\n\n- 氏名\n- 電話番号\n- 住所\n\n## 窓口\n\n本社",
    )

    assert [section.title for section in comparison.sections] == ["集める情報"]
    assert comparison.unchanged == 1
    assert [(line.kind, line.tag, line.text) for line in lines(comparison)] == [(ADDED, "li", "電話番号")]


def test_a_removed_paragraph_is_shown_struck_where_it_stood():
    comparison = compare("## 一\n\n残る段落です。\n\n消える段落です。", "## 一\n\n残る段落です。")

    assert [(line.kind, line.text) for line in lines(comparison)] == [(REMOVED, "消える段落です。")]


def test_only_the_changed_sentence_of_a_paragraph_is_marked():
    older = "## 一\n\n最初の文はそのままです。手数料は千円です。最後の文もそのままです。"
    newer = "## 一\n\n最初の文はそのままです。手数料は無料です。最後の文もそのままです。"

    (line,) = lines(compare(older, newer))

    assert line.kind == CHANGED
    assert line.pieces[0] == Piece(SAME, "最初の文はそのままです。手数料は")
    assert line.pieces[-1] == Piece(SAME, "です。最後の文もそのままです。")


def test_a_changed_heading_keeps_its_section():
    comparison = compare("## 第三者への提供\n\n同じ本文です。", "## 第三者への情報の提供\n\n同じ本文です。")

    assert [section.title for section in comparison.sections] == ["第三者への情報の提供"]
    assert [line.tag for line in lines(comparison)] == ["h2"]


def test_long_unchanged_parts_are_folded_to_one_line_of_context():
    same = "\n\n".join(f"変わらない段落その{number}です。" for number in range(10))

    (section,) = compare(f"## 一\n\n{same}\n\n終わり。", f"## 一\n\n{same}\n\n終わりです。追記。").sections

    assert [line.count if isinstance(line, Gap) else line.kind for line in section.shown] == [
        SAME, 9, SAME, CHANGED,
    ]  # fmt: skip


def test_a_text_in_which_everything_changed_is_shown_whole():
    comparison = compare("## 旧\n\n古い。", "## 新しい章\n\nまったく違う内容です。")

    assert {line.kind for line in lines(comparison)} == {ADDED, REMOVED}


TABLE = (
    "## 請求\n\n| 種類 | 内容 | 手数料 |\n| --- | --- | --- |\n"
    "| 開示 | 持つ情報を見る | 1,000円 |\n| 停止 | やめる | 無料 |\n"
)


def test_a_row_that_went_is_struck_whole_and_its_neighbours_are_not():
    found = lines(compare(TABLE, TABLE.replace("| 停止 | やめる | 無料 |\n", "")))

    assert [(line.kind, line.text) for line in found] == [(REMOVED, "停止 | やめる | 無料")]


def test_a_cell_that_changed_stands_in_its_row():
    (line,) = lines(compare(TABLE, TABLE.replace("1,000円", "800円")))

    assert [piece for piece in line.pieces if piece.kind != SAME] == [Piece(REMOVED, "1,000"), Piece(ADDED, "800")]
    assert line.pieces[0] == Piece(SAME, "開示 | 持つ情報を見る | ")


def test_two_cells_that_changed_stay_two():
    (line,) = lines(compare(TABLE, TABLE.replace("見る | 1,000円", "見る、写しをもらう | 800円")))

    assert [(piece.kind, piece.text) for piece in line.pieces] == [
        (SAME, "開示 | 持つ情報を見る"), (ADDED, "、写しをもらう"), (SAME, " | "), (REMOVED, "1,000"), (ADDED, "800"),
        (SAME, "円"),
    ]  # fmt: skip


def test_a_row_with_another_number_of_cells_is_compared_whole():
    (line,) = lines(compare("| 甲の欄です | 乙 |\n| --- | --- |", "| 甲の欄です | 乙 | 丙 |\n| --- | --- | --- |"))

    assert line.text == "甲の欄です | 乙 | 丙"
    assert [piece.text for piece in line.pieces if piece.kind == ADDED] == [" | 丙"]


def test_a_link_that_leads_elsewhere_is_a_change():
    (line,) = lines(compare("[規約](https://example.test/old/)です。", "[規約](https://example.test/new/)です。"))

    assert [piece.text for piece in line.pieces if piece.kind != SAME] == ["old", "new"]
