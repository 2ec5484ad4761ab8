"""Which sentences of a listing do not describe the product: sales talk, and words addressed to a machine."""

from __future__ import annotations

import re

# Latin words stand alone; Chinese, Japanese and Korean do not put spaces between theirs.
_SALES = r"""
    free\s+(?:shipping|delivery|returns?|gift) | shipp(?:ed|ing) | ships\s+(?:within|from|in|free|worldwide|to|today)
    | deliver(?:y|ed|ies) | dispatch(?:ed|es)? | money[- ]back | refunds? | returns?\s+policy | guaranteed? | warranty
    | (?:\d+\+?\s+)?reviews | trustpilot | \d+\+?\s+(?:happy\s+)?customers | [45][- ]stars?
    | (?:on|hot|big|flash|final|summer|winter|holiday)\s+sale | sale\s+(?:price|ends|now|!) | (?-i:SALE) | clearance
    | discount(?:s|ed)? | coupon | promo\s+code | (?:hot\s+)?best[- ]?sell(?:er|ing) | hot\s+selling
    | limited\s+(?:time|offer|stock) | in\s+stock | sold\s+out | pre-?order | add\s+to\s+cart
    | (?:buy|order|shop)\s+now | checkout | newsletter | subscribe | follow\s+us | click\s+here
    | (?:gratis|kostenloser?\s+)?versand(?:kostenfrei)? | lieferung | lieferzeit | rabatt | angebot | bewertung(?:en)?
    | auf\s+lager | jetzt\s+kaufen | r[uü]ckgabe | garantie
    | livraison(?:\s+(?:gratuite|offerte))? | exp[eé]di[eé]e?s?\s+sous | remise | soldes | promotions? | avis\s+clients?
    | en\s+stock | acheter\s+maintenant
    | env[ií]os?(?:\s+gratis)? | descuentos? | rebajas | oferta | rese[nñ]as | garant[ií]a | comprar\s+ahora
    | spedizione(?:\s+gratuita)? | sconto | saldi | recensioni | garanzia | acquista\s+ora
    | verzending | korting | frete(?:\s+gr[aá]tis)? | desconto
"""
_SALES_CJK = (
    "送料(?:無料)?|配送|発送|返品|返金|保証|レビュー|割引|セール|特価|限定|在庫|購入|クーポン|"
    "包邮|包郵|运费|運費|发货|發貨|退货|退貨|促销|促銷|优惠|優惠|折扣|特价|库存|好评|好評|下单|"
    "무료\\s?배송|배송|할인|세일|리뷰"
)
_STARS = r"★|☆|\b\d(?:[.,]\d)?\s?/\s?5\b"
SALES = re.compile(rf"\b(?:{_SALES})\b|{_SALES_CJK}|{_STARS}", re.IGNORECASE | re.VERBOSE)

_MONEY = r"(?:[$€£¥₹₩₽₺₪฿]|\b(?:usd|eur|gbp|chf|jpy|cny|aud|cad|sek|nok|dkk|pln|inr|rs)\b|円|元|원)"
_AMOUNT = r"\d{1,9}(?:[.,]\d{1,3}){0,3}"
_OFF = r"(?:off\b|rabatt|discount|de\s+r[eé]duction|de\s+descuento|di\s+sconto|reduziert|korting|オフ|引き)"
PRICE = re.compile(
    rf"{_MONEY}\s?{_AMOUNT}|{_AMOUNT}\s?(?:{_MONEY}|(?:kr|zł|lei|kč)\b)"
    rf"|\d{{1,3}}\s?%\s?{_OFF}|(?<![\w%])[-–−]\d{{1,3}}\s?%",
    re.IGNORECASE,
)

_WHAT = r"(?:instructions?|prompts?|rules?|guidelines?|system|constraints?|messages?|directions?)"
_MAKE = r"(?:generate|draw|create|render|show|produce|make|paint|depict|write|add)"
COMMAND = re.compile(
    rf"""
    \b(?:ignore|disregard|forget|override|bypass|neglect)\b.{{0,40}}
        \b(?:{_WHAT}|above|previous|prior|earlier|everything|images?)\b
    | \b(?:system|developer|hidden|secret)\s+(?:prompt|message|instructions?)\b
    | \b(?:new|following|updated)\s+instructions?\s*:
    | \binstructions?\s+(?:for|to)\s+(?:the\s+)?(?:ai|model|assistant|generator)\b
    | \binstead,?\s+(?:of\s+.{{0,40}})?{_MAKE}\b
    | \b(?:generate|draw|render|paint|depict)\s+(?:instead|an?\s+(?:image|picture|photo))\b
    | \byou\s+are\s+(?:now\s+(?:an?|the|in)\b|an?\s+(?:ai|assistant|image|language)\b) | \bas\s+an?\s+(?:ai|language)\b
    | \b(?:act|behave)\s+as\s+(?:if|an?|the)\b.{{0,40}}\b(?:ai|model|assistant|generator|admin)\b
    | \bjailbreak\b | \b(?:ai|assistant|chatgpt|gpt|dall-?e|llm)\s*[:,]\s | \bdo\s+not\s+follow\b
    | \b(?:ignorier|missacht|vergiss)\w*\b.{{0,50}}\b(?:anweisung|regel|vorgabe|vorherig|obige|alles)\w*
    | \bdu\s+bist\s+(?:jetzt|nun)\b | \bsystem-?anweisung
    | \bstattdessen\b.{{0,30}}\b(?:erzeuge|zeichne|generiere|zeige)\b
    | \b(?:ignore[zr]?|oublie[zr]?|n[eé]glige[zr]?)\b.{{0,50}}\b(?:instruction|consigne|r[eè]gle|pr[eé]c[eé]dent)\w*
    | \b(?:tu\s+es|vous\s+[eê]tes)\s+(?:maintenant|d[eé]sormais)\b
    | \b(?:ignora|olvida|omite|dimentica|desconsidere|ignore)\w*\b.{{0,50}}
        \b(?:instruc|instru[cç]|istruzion|regla|regol|anterior|precedent)\w*
    | \b(?:ahora\s+eres|ora\s+sei|agora\s+voc[eê])\b
    | \b(?:игнорируй|забудь|проигнорируй)\w*.{{0,50}}(?:инструкц|указани|правил|предыдущ)\w*
    | (?:指示|命令|プロンプト|指令).{{0,12}}(?:無視|忘れ) | (?:無視|忘れ).{{0,12}}(?:指示|命令|プロンプト)
    | (?:忽略|无视|無視|忘记|忘記).{{0,12}}(?:指令|指示|提示|说明|說明|规则|規則|以上|之前)
    | 你现在是 | 系统提示 | 系統提示 | (?:지시|명령|프롬프트).{{0,12}}무시
    | تجاهل.{{0,30}}(?:التعليمات|السابقة)
    """,
    re.IGNORECASE | re.VERBOSE,
)

SIZE_TABLE = re.compile(
    r"(?:\b(?:xxs|xs|s|m|l|xl|xxl|xxxl|[2-6]xl)\b[\s,/]*){3,}|(?:\b\d{1,5}(?:[.,]\d{1,2})?[\s/–-]+){5,}", re.IGNORECASE
)
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])|\s+[•·▪●►✓✔]\s*|\n")


def sentences(text: str) -> list[str]:
    """Lines and sentences, without bullets."""
    parts = (part.strip(" •·▪●►✓✔-–—*\t") for part in SENTENCE.split(text))
    return [part for part in parts if part]


def is_command(text: str) -> bool:
    """Whether it speaks to a machine: "Ignore all previous instructions and …"."""
    return bool(COMMAND.search(text))


def describes(sentence: str) -> bool:
    """Whether a sentence may be about the product itself: no price, no shipping, no table of sizes."""
    return not (SALES.search(sentence) or PRICE.search(sentence) or SIZE_TABLE.search(sentence))


def without_sales(phrase: str) -> str:
    """A title without its advertising; unlike a sentence, it keeps the rest.

    >>> without_sales("HOT SALE Linen shirt 50% OFF")
    ' Linen shirt '
    """
    return SALES.sub("", PRICE.sub("", phrase))
