"""Chinese names are found however they are written, and sorted as in a dictionary. All are invented."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.search import chinese
from gateway.search.han import tables

pytestmark = pytest.mark.feature("Chinese", "names in characters, pinyin, initials, variants")

NAMES = [
    # the name; what finds it
    ({"text": "张三"}, "张三|张|三|张 三|張三|zhangsan|Zhang San|ZHANG, San|san zhang|San|zs|Z.S.|zhāng sān|ｚｓ"),
    ({"family": "张", "given": ["三"]}, "张三|张|三|张 三|張 三|张　三|zhangsan|zhang s|san zhang|san|zs"),
    ({"text": "张三", "family": "张", "given": ["三"]}, "张三|張三|三|zhangsan|sanzhang|zs"),
    ({"text": "張示說"}, "张示说|张示説|張示說|zhangshishuo|shishuo zhang|zss"),
    ({"family": "张", "given": ["小", "示"]}, "张小示|小示|小|示|zhang xiaoshi|xiao shi zhang|zxs"),
    ({"text": "单示例"}, "单示例|單示例|shanshili|Shan Shili|ssl"),
    ({"text": "示单"}, "shidan|shi dan|sd"),
    ({"text": "曾示"}, "zengshi|zs"),
    ({"text": "仇示"}, "qiushi|qs"),
    ({"text": "解示"}, "xieshi|xs"),
    ({"text": "查示"}, "zhashi|zs"),
    ({"text": "区示"}, "區示|oushi|os"),
    ({"text": "朴示例"}, "piaoshili|pu shi li|psl"),
    ({"text": "任示"}, "renshi"),
    ({"text": "盖示"}, "蓋示|geshi|gai shi"),
    ({"text": "乐示"}, "樂示|yueshi|leshi|楽示"),
    ({"text": "缪示"}, "繆示|miaoshi"),
    ({"text": "冼示"}, "xianshi"),
    ({"text": "翟示"}, "zhaishi|dishi"),
    ({"text": "宁示"}, "寧示|寜示|ningshi"),
    ({"text": "覃示"}, "qinshi|tanshi"),
    ({"text": "吕示"}, "呂示|lvshi|lǚ shi|LYU SHI|lushi|ls"),
    ({"text": "示女"}, "shinv|shi nü|SHI NYU|nv shi"),
    ({"text": "欧阳示例"}, "歐陽示例|欧阳|示例|ouyangshili|Ouyang Shili|shili ouyang|oysl"),
    ({"family": "欧阳", "given": ["示"]}, "欧阳示|ouyang shi|shi ouyang|oys"),
    ({"text": "尉迟示例"}, "尉遲示例|yuchishili|ycsl"),
    ({"text": "万俟示"}, "萬俟示|moqishi|mqs"),
    ({"text": "长孙示例"}, "長孫示例|zhangsunshili|shili zhangsun|zssl"),
    ({"text": "单于示例"}, "chanyu shili|shanyushili"),
    ({"text": "爱新觉罗·示例"}, "爱新觉罗示例|愛新覺羅‧示例|aixinjueluoshili"),
    ({"text": "阿卜杜·示例"}, "阿卜杜·示例|阿卜杜示例|阿卜杜•示例|阿卜杜.示例|阿卜杜 示例|abudu shili|abdsl"),
    ({"family": "示例", "given": ["阿依"]}, "示例阿依|阿依|shili ayi|ayi shili|slay"),
    ({"text": "乐长行"}, "yuechangxing|lechangxing|changxing yue"),
    ({"text": "张乐"}, "zhangle|zhangyue|yue zhang|zl|zy"),
    ({"text": "李䶮"}, "李䶮|李\ue863|liyan|ly"),
    ({"text": "李𠮷"}, "李吉|李𠮷|liji"),
    ({"text": "李⼀"}, "李一|李⼀|liyi"),
    ({"text": "葛\U000e0100示"}, "葛示|geshi"),
    ({"text": "户示"}, "戶示|戸示|户示|hushi"),
    ({"text": "张三１２"}, "张三12|張三１２|zhangsan12"),
    ({"text": "李Ｅｘａｍｐｌｅ"}, "李example|李 Example|li example|liexample"),
    ({"family": "Zhang", "given": ["San"]}, "zhang|san|Zhang San|zhangsan|san zhang|ＺＨＡＮＧ　ＳＡＮ"),
    ({"text": "Müller, Jörg"}, "muller|Müller, J|jörg müller|Jorg Mu"),
    ({"text": "示", "prefix": ["医生"], "suffix": ["MD"]}, "示|醫生|md|shi"),
    ({"given": [None, "乐"]}, "乐|le|yue"),
]


def finds(text: str, name: dict[str, object]) -> bool:
    forms = chinese.name_forms(name)
    return any(form.startswith(prefix) for form in forms for prefix in chinese.query(text))


@pytest.mark.parametrize(("name", "searched"), [(name, one) for name, every in NAMES for one in every.split("|")])
def test_name_is_found(name, searched):
    assert finds(searched, name)


@pytest.mark.parametrize(
    ("name", "searched"),
    [
        ({"text": "张喆"}, "张哲"),
        ({"text": "闫示"}, "阎示"),
        ({"text": "张昇"}, "张升"),
        ({"text": "张芸"}, "张艺"),
        ({"text": "张三"}, "zhansan"),
        ({"text": "张三"}, "李三"),
        ({"text": "单示"}, "danshi"),
        ({"family": "张"}, "sanzhang"),
    ],
)
def test_another_name_is_not_found(name, searched):
    assert not finds(searched, name)


@pytest.mark.parametrize(("name", "_"), [one for one in NAMES if len(one[0].get("given", ())) < 2])
def test_a_name_has_few_forms_and_none_begins_another(name, _):
    forms = chinese.name_forms(name)
    assert 0 < len(forms) <= 8
    assert not [(one, other) for one in forms for other in forms if one != other and other.startswith(one)]


@pytest.mark.parametrize(
    ("text", "surname", "expected"),
    [
        ("张三", True, {"zhangsan", "sanzhang", "zs"}),
        ("三", False, {"san"}),
        ("单", True, {"shan"}),
        ("单", False, {"dan", "shan"}),
        ("万俟", True, {"moqi", "mq"}),
        ("示例路12号", False, {"shililu12hao", "sll1h"}),
        ("绿", False, {"lu"}),
        ("Zhang San", True, set()),
        ("", True, set()),
    ],
)
def test_romanised(text, surname, expected):
    forms = chinese.romanised(text, surname=surname)
    assert forms == expected


def test_written_parts_are_kept_for_exact():
    name = {"text": "張三", "family": "張", "given": ["三", None], "prefix": ["Dr."], "suffix": ["MD"]}
    assert chinese.texts(name) == ["張三", "張", "三", "Dr.", "MD"]


def test_full_name():
    assert chinese.full({"family": "張", "given": ["小", "三"], "text": "x"}) == "張 小 三"
    assert chinese.fold("張 小 三") == "张小三"
    assert chinese.full({"family": "Smith", "given": ["John", "R"]}) == "Smith John R"
    assert chinese.full({"text": "张三", "given": ["三"]}) == "张三"
    assert (chinese.full({"family": "张"}), chinese.full({})) == ("张", "")


ORDER = "3床 Zoe 阿一 波 曹 单示 善示 王 西安 先 曾示 张 张二 张三 张三丰 章二 Иван"


def test_order():
    ordered = ORDER.split()
    assert sorted(set(ordered), key=lambda text: chinese.sort_key(text, surname=True)) == ordered
    assert chinese.sort_key("張 三", surname=True) == chinese.sort_key("张三", surname=True)
    assert [chinese.sort_key(text, surname=False) for text in "陆绿"] == ["~lu4陆", "~lv4绿"]


def test_every_surname_of_the_table_is_read_so():
    with (Path(tables.__file__).parent / "names.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["place"] == "surname"]
    assert sum(len(row["text"]) == 1 for row in rows) >= 60
    assert sum(len(row["text"]) > 1 for row in rows) >= 60
    for row in rows:
        for way in row["readings"].split("/"):
            bare = "".join(one[:-1] for one in way.split(" "))
            assert finds(f"{bare}shili", {"text": f"{row['text']}示例"}), row
            assert finds(f"shili {bare}", {"family": row["text"], "given": ["示例"]}), row


def test_every_other_form_folds_to_the_simplified_one_and_stays_there():
    for point, plain in tables.simplified().items():
        assert chinese.fold(chr(point)) == plain == chinese.fold(plain)


HAN = st.sampled_from("阿波张示例乐单三行长欧阳李曾女吕𠮷") | st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
FORMS = {plain: chr(point) for point, plain in tables.simplified().items()}


@given(st.text() | st.text(HAN | st.sampled_from(" ·.a1é\u3000\ufe00Ａ")))
def test_fold_is_idempotent(text):
    assert chinese.fold(chinese.fold(text)) == chinese.fold(text)


@given(st.text(st.sampled_from(sorted(FORMS)), max_size=12))
def test_traditional_and_simplified_forms_fold_equal(text):
    other = "".join(FORMS[one] for one in text)
    assert chinese.fold(other) == chinese.fold(text) == text
    assert chinese.romanised(other, surname=True) == chinese.romanised(text, surname=True)


@given(family=st.text(HAN, min_size=1, max_size=2), rest=st.text(HAN, min_size=1, max_size=3), text=st.booleans())
def test_every_form_and_every_part_of_it_is_found(family, rest, text):
    name = {"text": family + rest} if text else {"family": family, "given": [rest]}
    forms = chinese.name_forms(name)
    assert len(forms) <= 8
    assert all(finds(form[:length], name) for form in forms for length in range(1, len(form) + 1))
    assert all(finds(written, name) for written in (family, family + rest, f"{family} {rest}"))


@given(st.text(max_size=400), st.booleans())
def test_any_text_has_bounded_forms_and_a_key(text, surname):
    forms = chinese.romanised(text, surname=surname)
    assert len(forms) <= 6
    assert all(0 < len(form) <= 200 for form in forms)
    assert len(chinese.sort_key(text, surname=surname)) <= 32 * 9
    assert all(0 < len(form) <= 200 for form in chinese.name_forms({"text": text, "given": [text]}))
    assert 1 <= len(chinese.query(text)) <= 3


@given(st.text(max_size=400).filter(chinese.fold))
def test_any_text_is_found_as_it_is(text):
    assert finds(text, {"text": text})
    assert finds(text, {"family": "张", "given": [text]})


@given(st.text(HAN, max_size=4), st.text(HAN, max_size=4))
def test_a_name_sorts_before_what_it_begins(name, more):
    assert chinese.sort_key(name, surname=False) <= chinese.sort_key(name + more, surname=False)
