"""What invented people do, pay with and use, as the columns of an import say it."""

OCCUPATIONS = (
    "会社員", "公務員", "医師", "看護師", "教員", "保育士", "調理師", "美容師", "大工", "農業", "漁業", "運転手",
    "販売員", "事務員", "設計士", "記者", "翻訳者", "主婦", "主夫", "学生", "自営業", "会社役員", "年金生活",
)  # fmt: skip
PLACES = ("町田", "多摩", "相模", "武蔵", "青葉", "港北", "城南", "北陸", "瀬戸", "筑紫", "石狩", "琉球")
TRADES = ("建設", "銀行", "食品", "水産", "保険", "運輸", "情報", "農林", "印刷", "電機", "商事", "薬品")
FACULTIES = ("文学部", "法学部", "経済学部", "理学部", "工学部", "農学部", "医学部", "教育学部")
BRANDS = ("Visa", "Mastercard", "JCB", "American Express", "Diners Club")
BANKS = (
    "みずほ銀行",
    "三菱UFJ銀行",
    "三井住友銀行",
    "りそな銀行",
    "ゆうちょ銀行",
    "横浜銀行",
    "PayPay銀行",
    "楽天銀行",
)
BRANCHES = ("本店", "町田支店", "新宿支店", "駅前支店", "中央支店", "西支店", "〇一八支店")
E_MONEY = ("PayPay", "Suica", "PASMO", "nanaco", "WAON", "楽天Edy")
SERVICES = ("LINE", "Google", "X", "Apple", "Facebook")
ITEMS = ("プロフィール", "メールアドレス", "友だちリスト", "カレンダー", "年齢層")
SYSTEMS = ("iOS 19.1", "Android 16", "Windows 11", "macOS 26")
DEVICES = ("スマートフォン", "タブレット", "パソコン")


def career(chance):
    """Occupation, work history and education."""
    since = chance.randint(1975, 2024)
    company = f"株式会社{chance.choice(PLACES)}{chance.choice(TRADES)}"
    school = f"{chance.choice(PLACES)}大学{chance.choice(FACULTIES)} 卒業"
    return {
        "職業": chance.choice(OCCUPATIONS) if chance.random() < 0.7 else "",
        "職歴": f"{since}年 {company}" if chance.random() < 0.3 else "",
        "学歴": school if chance.random() < 0.3 else "",
    }


def belongings(chance):
    """A means of payment, an account in an external service, a cookie, a device; some have none of one or another."""
    return {**_payment(chance), **_account(chance), **_cookie(chance), **_device(chance)}


def _payment(chance):
    draw, last_four = chance.random(), f"{chance.randrange(10_000):04d}"
    if draw < 0.25:
        month, year = chance.randint(1, 12), chance.randint(2027, 2031)
        expiry = chance.choice((f"{year}-{month:02d}", f"{month:02d}/{year % 100}", ""))
        return {
            "支払方法": "クレジットカード", "カード会社": chance.choice(BRANDS), "カード下4桁": last_four,
            "有効期限": expiry,
        }  # fmt: skip
    if draw < 0.5:
        return {
            "支払方法": "銀行口座", "銀行名": chance.choice(BANKS), "支店名": chance.choice(BRANCHES),
            "口座番号下4桁": last_four,
        }  # fmt: skip
    return {"支払方法": "電子マネー", "電子マネー": chance.choice(E_MONEY)} if draw < 0.75 else {}


def _account(chance):
    if chance.random() > 0.8:
        return {}
    service = chance.choice(SERVICES)
    items = chance.sample(ITEMS, chance.randint(0, 3))
    account = f"{service.lower()}-{chance.randrange(10**9):09d}"
    return {"外部サービス": service, "外部ID": account, "連携許可項目": ";".join(items)}


def _cookie(chance):
    if chance.random() > 0.6:
        return {}
    return {"クッキーID": f"GA1.2.{chance.randrange(10**9)}.{chance.randrange(10**9)}"}


def _device(chance):
    number = chance.getrandbits(128)
    text = f"{number:032x}"
    identifier = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return {
        "OS": chance.choice(SYSTEMS) if chance.random() < 0.8 else "",
        "端末種別": chance.choice(DEVICES) if chance.random() < 0.75 else "",
        "端末ID": identifier if chance.random() < 0.5 else "",
    }
