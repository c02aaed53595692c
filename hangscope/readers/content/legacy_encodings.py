"""Encodings of East Asian systems, told apart by how common the characters are that they give.

Bytes of one of them are mostly valid in the others too, but then they give rare characters.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

_KANA: Final = frozenset(map(chr, range(0x3041, 0x30FF)))
# The 240 most frequent of each in the translated messages of the JDK and of Debian 12; they
# make 90 % of the syllables there, 74 % of the Chinese, and 82 % of the Japanese characters.
_HANGUL: Final = frozenset(
    "다이니지을습수에시어스일로는를가하없자파리정기의서아용합트사인음할오한드문터은않그션있보크대위프"
    "제표름부키바라나만상옵모고패실력입소중도값으데치버디전명작해함된식요되성경설메르행면비마호세류못"
    "들타출형간목레열령여미화업록구잘동번적과우코필변렉원브야카거환장했개단블읽주내공러태조무유테준현"
    "체와알포었료베국페안분재너본추래항연려복더계반속선또절결십줄당찾색진확임증생방았저루른최클티때토"
    "능끝법접처새두발커검널템신텍택링초예영종참백퍼쓰숫램든랜역됨운게축약각네림활매말져노플올딩글같건"
)
_HANZI: Final = frozenset(
    "的用件文不无数法在有中名出时为字语个定行符使是选一式项标表目到错置可输类或效入要列未指和已录误能"
    "以对本模程于包令将设号示参值器存加取新作尔据型命接序信进格大密称没拉分息过间失配内正除前了显被多"
    "斯动制库建省后重上码所户如位量下败亚开打部版务此找区需支认关果空组读钥请变引更签提查成发证换块克"
    "达编同地现持键索方应记写小图理从特系创必软则度改告义安含最子当档并口里解须非结处者节您段删态复来"
    "默启服性统马其这知主第尼许操警自代串属单转共任国执回期该移会利阿路卡源象只它状外载生否与合获匹别"
)
_KANJI: Final = frozenset(
    "定語数用名使行文指字表力効時不要無示合出変中値設列一成間正失書必作前込入敗内実引更型場除動可式取"
    "明存終読対在有最新関置能了子削再生号告証見開期外鍵認報検後警部性大義化接続形同照換現番上情配方準"
    "複含的得以国切共理標発付長参全限制空目署加索致位信先保分下所追解画法選問択囲当別識始視者和持記起"
    "範言属返日小構算素処覧予張代受初非個完自島通状約確単集許拡態適次止利機演夏多求区際送意重回応端縮"
    "注割未例整元像古結命圧釈他常移詳想暗規度順項待異決細容既辞諸計進幅果呼宣装依頭違令権操各本末境連"
)

_CODECS: Final[tuple[tuple[str, AbstractSet[str]], ...]] = (
    ("cp949", _HANGUL),
    ("cp932", _KANA | _KANJI),
    ("euc_jp", _KANA | _KANJI),
    ("gb18030", _HANZI | _HANGUL),
)
_USUAL: Final = 0.5
"""Share of common characters in a text that is read with the right codec, at least."""
_SPOILT: Final = 0.02
"""Share of characters that tools may have cut in two, at most."""
_FEW: Final = 2
"""So many different common characters are no accident."""


def legacy_codec_of(text: bytes) -> str | None:
    """The codec that makes the most sense of a text that is not UTF-8; None when in doubt."""
    scores = {codec: _score(text, codec, common) for codec, common in _CODECS}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= _USUAL else None


def _score(text: bytes, codec: str, common: AbstractSet[str]) -> float:
    """Share of ``common`` among the characters beyond ASCII; 0 if it is none of ``codec``."""
    decoded = text.decode(codec, "surrogateescape")
    found = [one for one in decoded if one > "\x7f" and one != "\ufffd"]
    usual = [one for one in found if one in common]
    spoilt = sum("\udc80" <= one <= "\udcff" for one in found)
    if spoilt > _SPOILT * len(found) or len(set(usual)) < _FEW:
        return 0.0
    return len(usual) / len(found)
