"""Countries by their ISO 3166 codes, their English names, and what else people call them.

Owns the table. An entry is the code, the English name, then other names that lead to it; case, accents, dots and blanks do
not count. A second entry of a code only adds names.
"""
from __future__ import annotations

import re
import unicodedata

_TABLE = """
AD:Andorra; AE:United Arab Emirates|UAE|Emirates|Vereinigte Arabische Emirate; AF:Afghanistan; AG:Antigua and Barbuda; AI:Anguilla
AL:Albania|Albanien|Shqipëria; AM:Armenia|Armenien; AO:Angola; AQ:Antarctica; AR:Argentina|Argentinien; AS:American Samoa
AT:Austria|Österreich|Oesterreich; AU:Australia|Australien; AW:Aruba; AX:Åland Islands|Aland; AZ:Azerbaijan|Aserbaidschan
BA:Bosnia and Herzegovina|Bosnia|Bosnien und Herzegowina|Bosna i Hercegovina; BB:Barbados; BD:Bangladesh|Bangladesch
BE:Belgium|België|Belgique|Belgien; BF:Burkina Faso; BG:Bulgaria|България|Bulgarien; BH:Bahrain; BI:Burundi; BJ:Benin
BL:Saint Barthélemy|St. Barthélemy; BM:Bermuda; BN:Brunei|Brunei Darussalam; BO:Bolivia|Plurinational State of Bolivia|Bolivien
BQ:Caribbean Netherlands|Bonaire, Sint Eustatius and Saba|Bonaire; BR:Brazil|Brasil|Brasilien; BS:Bahamas|The Bahamas; BT:Bhutan
BV:Bouvet Island; BW:Botswana; BY:Belarus|Weißrussland|Беларусь; BZ:Belize; CA:Canada|Kanada; CC:Cocos (Keeling) Islands|Cocos Islands
CD:Congo (Kinshasa)|Democratic Republic of the Congo|DR Congo|DRC; CF:Central African Republic
CG:Congo (Brazzaville)|Republic of the Congo|Congo; CH:Switzerland|Schweiz|Suisse|Svizzera|Die Schweiz
CI:Côte d'Ivoire|Ivory Coast|Elfenbeinküste; CK:Cook Islands; CL:Chile; CM:Cameroon|Kamerun|Cameroun
CN:China|People's Republic of China|PRC|Mainland China|中国; CO:Colombia|Kolumbien; CR:Costa Rica; CU:Cuba|Kuba; CV:Cabo Verde|Cape Verde
CW:Curaçao; CX:Christmas Island; CY:Cyprus|Zypern|Κύπρος; CZ:Czechia|Czech Republic|Česko|Česká republika|Tschechien
DE:Germany|Deutschland|Federal Republic of Germany|Allemagne|Alemania|Germania|Niemcy|GER; DJ:Djibouti; DK:Denmark|Danmark|Dänemark
DM:Dominica; DO:Dominican Republic|República Dominicana; DZ:Algeria|Algerien|Algérie; EC:Ecuador; EE:Estonia|Eesti|Estland
EG:Egypt|Ägypten; EH:Western Sahara; ER:Eritrea; ES:Spain|España|Spanien|Espagne; ET:Ethiopia|Äthiopien; FI:Finland|Suomi|Finnland
FJ:Fiji; FK:Falkland Islands|Falkland Islands (Malvinas); FM:Micronesia|Federated States of Micronesia; FO:Faroe Islands
FR:France|Frankreich|Francia|République française|FRA; GA:Gabon
GB:United Kingdom|UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|Großbritannien|GBR
GB:United Kingdom of Great Britain and Northern Ireland|Vereinigtes Königreich; GD:Grenada; GE:Georgia|Republic of Georgia|Georgien
GF:French Guiana; GG:Guernsey; GH:Ghana; GI:Gibraltar; GL:Greenland; GM:Gambia|The Gambia; GN:Guinea; GP:Guadeloupe
GQ:Equatorial Guinea; GR:Greece|Griechenland|Ελλάδα|Hellas; GS:South Georgia and the South Sandwich Islands; GT:Guatemala; GU:Guam
GW:Guinea-Bissau; GY:Guyana; HK:Hong Kong|Hong Kong SAR|Hongkong|香港; HM:Heard Island and McDonald Islands; HN:Honduras
HR:Croatia|Hrvatska|Kroatien; HT:Haiti; HU:Hungary|Magyarország|Ungarn; ID:Indonesia|Indonesien
IE:Ireland|Republic of Ireland|Éire|Irland; IL:Israel; IM:Isle of Man; IN:India|Indien|Bharat; IO:British Indian Ocean Territory
IQ:Iraq|Irak; IR:Iran|Islamic Republic of Iran; IS:Iceland|Ísland; IT:Italy|Italia|Italien|Italie|ITA; JE:Jersey; JM:Jamaica
JO:Jordan|Jordanien; JP:Japan|日本|JPN; KE:Kenya|Kenia; KG:Kyrgyzstan|Kyrgyz Republic; KH:Cambodia|Kambodscha; KI:Kiribati; KM:Comoros
KN:Saint Kitts and Nevis|St. Kitts and Nevis; KP:North Korea|Democratic People's Republic of Korea|DPRK
KR:South Korea|Korea|Republic of Korea|Korea, Republic of|Südkorea|대한민국; KW:Kuwait; KY:Cayman Islands; KZ:Kazakhstan|Kasachstan
LA:Laos|Lao People's Democratic Republic|Lao PDR; LB:Lebanon|Libanon; LC:Saint Lucia|St. Lucia; LI:Liechtenstein; LK:Sri Lanka
LR:Liberia; LS:Lesotho; LT:Lithuania|Lietuva|Litauen; LU:Luxembourg|Luxemburg; LV:Latvia|Latvija|Lettland; LY:Libya|Libyen
MA:Morocco|Maroc|Marokko; MC:Monaco; MD:Moldova|Republic of Moldova; ME:Montenegro|Crna Gora
MF:Saint Martin|Saint Martin (French part)|St. Martin; MG:Madagascar; MH:Marshall Islands
MK:North Macedonia|Macedonia|FYROM|Nordmazedonien; ML:Mali; MM:Myanmar|Burma; MN:Mongolia; MO:Macao|Macau|Macao SAR
MP:Northern Mariana Islands; MQ:Martinique; MR:Mauritania; MS:Montserrat; MT:Malta; MU:Mauritius; MV:Maldives; MW:Malawi
MX:Mexico|México|Mexiko|MEX; MY:Malaysia; MZ:Mozambique|Moçambique; NA:Namibia; NC:New Caledonia; NE:Niger; NF:Norfolk Island
NG:Nigeria; NI:Nicaragua; NL:Netherlands|The Netherlands|Nederland|Niederlande|Holland|Pays-Bas|NLD; NO:Norway|Norge|Norwegen; NP:Nepal
NR:Nauru; NU:Niue; NZ:New Zealand|Aotearoa|Neuseeland; OM:Oman; PA:Panama|Panamá; PE:Peru|Perú; PF:French Polynesia; PG:Papua New Guinea
PH:Philippines|The Philippines|Pilipinas|Philippinen; PK:Pakistan; PL:Poland|Polska|Polen|Pologne|POL; PM:Saint Pierre and Miquelon
PN:Pitcairn; PR:Puerto Rico; PS:Palestine|State of Palestine|Palestinian Territories; PT:Portugal; PW:Palau; PY:Paraguay; QA:Qatar|Katar
RE:Réunion; RO:Romania|România|Rumänien; RS:Serbia|Srbija|Serbien; RU:Russia|Russian Federation|Россия|Russland; RW:Rwanda|Ruanda
SA:Saudi Arabia|Kingdom of Saudi Arabia|KSA|Saudi-Arabien; SB:Solomon Islands; SC:Seychelles; SD:Sudan; SE:Sweden|Sverige|Schweden
SG:Singapore|Singapur; SH:Saint Helena|Saint Helena, Ascension and Tristan da Cunha|St. Helena; SI:Slovenia|Slovenija|Slowenien
SJ:Svalbard and Jan Mayen; SK:Slovakia|Slovak Republic|Slovensko|Slowakei; SL:Sierra Leone; SM:San Marino; SN:Senegal|Sénégal
SO:Somalia; SR:Suriname; SS:South Sudan; ST:São Tomé and Príncipe|Sao Tome and Principe; SV:El Salvador; SX:Sint Maarten|St. Maarten
SY:Syria|Syrian Arab Republic; SZ:Eswatini|Swaziland; TC:Turks and Caicos Islands; TD:Chad|Tschad; TF:French Southern Territories
TG:Togo; TH:Thailand; TJ:Tajikistan; TK:Tokelau; TL:Timor-Leste|East Timor; TM:Turkmenistan; TN:Tunisia|Tunisie|Tunesien; TO:Tonga
TR:Türkiye|Turkey|Türkei|Turkiye|Republic of Turkey; TT:Trinidad and Tobago; TV:Tuvalu; TW:Taiwan|Taiwan, Province of China|臺灣|台灣
TZ:Tanzania|United Republic of Tanzania; UA:Ukraine|Україна; UG:Uganda; UM:United States Minor Outlying Islands
US:United States|USA|U.S.A.|U.S.|United States of America|America|Vereinigte Staaten|États-Unis|Estados Unidos|The United States
UY:Uruguay; UZ:Uzbekistan; VA:Vatican City|Holy See|Vatican; VC:Saint Vincent and the Grenadines|St. Vincent and the Grenadines
VE:Venezuela|Bolivarian Republic of Venezuela; VG:British Virgin Islands|Virgin Islands (British)
VI:U.S. Virgin Islands|Virgin Islands (U.S.)|US Virgin Islands; VN:Vietnam|Viet Nam; VU:Vanuatu; WF:Wallis and Futuna; WS:Samoa
XK:Kosovo; YE:Yemen|Jemen; YT:Mayotte; ZA:South Africa|Südafrika|RSA; ZM:Zambia|Sambia; ZW:Zimbabwe|Simbabwe
"""
_NEEDLESS = re.compile(r"[\W_]+")


def _folded(text: str) -> str:
    """Letters and digits only, small and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _NEEDLESS.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def _read() -> tuple[dict[str, str], dict[str, str]]:
    """English names by code, and codes by everything that leads to them."""
    names: dict[str, str] = {}
    codes: dict[str, str] = {}
    for entry in _TABLE.replace("\n", ";").split(";"):
        code, colon, called = entry.strip().partition(":")
        if colon:
            names.setdefault(code, called.split("|")[0])
            codes |= {_folded(one): code for one in (code, *called.split("|"))}
    return names, codes


NAMES, _CODES = _read()


def code(text: str) -> str | None:
    """Find the two-letter code of a country by its code, name or another spelling; None for what is not known."""
    return _CODES.get(_folded(text))


def name(code: str) -> str:
    """The English name of a code."""
    return NAMES[code]
