"""Countries by their ISO 3166 codes, their English names, and what else people call them.

Owns the table. An entry is the code, the English name, the three-letter code, then other names that lead to it; case, accents,
dots and blanks do not count. A second entry of a code only adds names.
"""
from __future__ import annotations

import re
import unicodedata

_TABLE = """
AD:Andorra|AND; AE:United Arab Emirates|ARE|UAE|Emirates|Vereinigte Arabische Emirate; AF:Afghanistan|AFG; AG:Antigua and Barbuda|ATG
AI:Anguilla|AIA; AL:Albania|ALB|Albanien|Shqipëria; AM:Armenia|ARM|Armenien; AO:Angola|AGO; AQ:Antarctica|ATA
AR:Argentina|ARG|Argentinien; AS:American Samoa|ASM; AT:Austria|AUT|Österreich|Oesterreich; AU:Australia|AUS|Australien; AW:Aruba|ABW
AX:Åland Islands|ALA|Aland; AZ:Azerbaijan|AZE|Aserbaidschan
BA:Bosnia and Herzegovina|BIH|Bosnia|Bosnien und Herzegowina|Bosna i Hercegovina; BB:Barbados|BRB; BD:Bangladesh|BGD|Bangladesch
BE:Belgium|BEL|België|Belgique|Belgien; BF:Burkina Faso|BFA; BG:Bulgaria|BGR|България|Bulgarien; BH:Bahrain|BHR; BI:Burundi|BDI
BJ:Benin|BEN; BL:Saint Barthélemy|BLM|St. Barthélemy; BM:Bermuda|BMU; BN:Brunei|BRN|Brunei Darussalam
BO:Bolivia|BOL|Plurinational State of Bolivia|Bolivien; BQ:Caribbean Netherlands|BES|Bonaire, Sint Eustatius and Saba|Bonaire
BR:Brazil|BRA|Brasil|Brasilien; BS:Bahamas|BHS|The Bahamas; BT:Bhutan|BTN; BV:Bouvet Island|BVT; BW:Botswana|BWA
BY:Belarus|BLR|Weißrussland|Беларусь; BZ:Belize|BLZ; CA:Canada|CAN|Kanada; CC:Cocos (Keeling) Islands|CCK|Cocos Islands
CD:Congo (Kinshasa)|COD|Democratic Republic of the Congo|DR Congo|DRC; CF:Central African Republic|CAF
CG:Congo (Brazzaville)|COG|Republic of the Congo|Congo; CH:Switzerland|CHE|Schweiz|Suisse|Svizzera|Die Schweiz
CI:Côte d'Ivoire|CIV|Ivory Coast|Elfenbeinküste; CK:Cook Islands|COK; CL:Chile|CHL; CM:Cameroon|CMR|Kamerun|Cameroun
CN:China|CHN|People's Republic of China|PRC|Mainland China|中国; CO:Colombia|COL|Kolumbien; CR:Costa Rica|CRI; CU:Cuba|CUB|Kuba
CV:Cabo Verde|CPV|Cape Verde; CW:Curaçao|CUW; CX:Christmas Island|CXR; CY:Cyprus|CYP|Zypern|Κύπρος
CZ:Czechia|CZE|Czech Republic|Česko|Česká republika|Tschechien
DE:Germany|DEU|Deutschland|Federal Republic of Germany|Allemagne|Alemania|Germania|Niemcy|GER; DJ:Djibouti|DJI
DK:Denmark|DNK|Danmark|Dänemark; DM:Dominica|DMA; DO:Dominican Republic|DOM|República Dominicana; DZ:Algeria|DZA|Algerien|Algérie
EC:Ecuador|ECU; EE:Estonia|EST|Eesti|Estland; EG:Egypt|EGY|Ägypten; EH:Western Sahara|ESH; ER:Eritrea|ERI
ES:Spain|ESP|España|Spanien|Espagne; ET:Ethiopia|ETH|Äthiopien; FI:Finland|FIN|Suomi|Finnland; FJ:Fiji|FJI
FK:Falkland Islands|FLK|Falkland Islands (Malvinas); FM:Micronesia|FSM|Federated States of Micronesia; FO:Faroe Islands|FRO
FR:France|FRA|Frankreich|Francia|République française; GA:Gabon|GAB
GB:United Kingdom|GBR|UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|Großbritannien
GB:United Kingdom of Great Britain and Northern Ireland|Vereinigtes Königreich; GD:Grenada|GRD
GE:Georgia|GEO|Republic of Georgia|Georgien; GF:French Guiana|GUF; GG:Guernsey|GGY; GH:Ghana|GHA; GI:Gibraltar|GIB; GL:Greenland|GRL
GM:Gambia|GMB|The Gambia; GN:Guinea|GIN; GP:Guadeloupe|GLP; GQ:Equatorial Guinea|GNQ; GR:Greece|GRC|Griechenland|Ελλάδα|Hellas
GS:South Georgia and the South Sandwich Islands|SGS; GT:Guatemala|GTM; GU:Guam|GUM; GW:Guinea-Bissau|GNB; GY:Guyana|GUY
HK:Hong Kong|HKG|Hong Kong SAR|Hongkong|香港; HM:Heard Island and McDonald Islands|HMD; HN:Honduras|HND; HR:Croatia|HRV|Hrvatska|Kroatien
HT:Haiti|HTI; HU:Hungary|HUN|Magyarország|Ungarn; ID:Indonesia|IDN|Indonesien; IE:Ireland|IRL|Republic of Ireland|Éire|Irland
IL:Israel|ISR; IM:Isle of Man|IMN; IN:India|IND|Indien|Bharat; IO:British Indian Ocean Territory|IOT; IQ:Iraq|IRQ|Irak
IR:Iran|IRN|Islamic Republic of Iran; IS:Iceland|ISL|Ísland; IT:Italy|ITA|Italia|Italien|Italie; JE:Jersey|JEY; JM:Jamaica|JAM
JO:Jordan|JOR|Jordanien; JP:Japan|JPN|日本; KE:Kenya|KEN|Kenia; KG:Kyrgyzstan|KGZ|Kyrgyz Republic; KH:Cambodia|KHM|Kambodscha
KI:Kiribati|KIR; KM:Comoros|COM; KN:Saint Kitts and Nevis|KNA|St. Kitts and Nevis
KP:North Korea|PRK|Democratic People's Republic of Korea|DPRK
KR:South Korea|KOR|Korea|Republic of Korea|Korea, Republic of|Südkorea|대한민국; KW:Kuwait|KWT; KY:Cayman Islands|CYM
KZ:Kazakhstan|KAZ|Kasachstan; LA:Laos|LAO|Lao People's Democratic Republic|Lao PDR; LB:Lebanon|LBN|Libanon; LC:Saint Lucia|LCA|St. Lucia
LI:Liechtenstein|LIE; LK:Sri Lanka|LKA; LR:Liberia|LBR; LS:Lesotho|LSO; LT:Lithuania|LTU|Lietuva|Litauen; LU:Luxembourg|LUX|Luxemburg
LV:Latvia|LVA|Latvija|Lettland; LY:Libya|LBY|Libyen; MA:Morocco|MAR|Maroc|Marokko; MC:Monaco|MCO; MD:Moldova|MDA|Republic of Moldova
ME:Montenegro|MNE|Crna Gora; MF:Saint Martin|MAF|Saint Martin (French part)|St. Martin; MG:Madagascar|MDG; MH:Marshall Islands|MHL
MK:North Macedonia|MKD|Macedonia|FYROM|Nordmazedonien; ML:Mali|MLI; MM:Myanmar|MMR|Burma; MN:Mongolia|MNG; MO:Macao|MAC|Macau|Macao SAR
MP:Northern Mariana Islands|MNP; MQ:Martinique|MTQ; MR:Mauritania|MRT; MS:Montserrat|MSR; MT:Malta|MLT; MU:Mauritius|MUS
MV:Maldives|MDV; MW:Malawi|MWI; MX:Mexico|MEX|México|Mexiko; MY:Malaysia|MYS; MZ:Mozambique|MOZ|Moçambique; NA:Namibia|NAM
NC:New Caledonia|NCL; NE:Niger|NER; NF:Norfolk Island|NFK; NG:Nigeria|NGA; NI:Nicaragua|NIC
NL:Netherlands|NLD|The Netherlands|Nederland|Niederlande|Holland|Pays-Bas; NO:Norway|NOR|Norge|Norwegen; NP:Nepal|NPL; NR:Nauru|NRU
NU:Niue|NIU; NZ:New Zealand|NZL|Aotearoa|Neuseeland; OM:Oman|OMN; PA:Panama|PAN|Panamá; PE:Peru|PER|Perú; PF:French Polynesia|PYF
PG:Papua New Guinea|PNG; PH:Philippines|PHL|The Philippines|Pilipinas|Philippinen; PK:Pakistan|PAK; PL:Poland|POL|Polska|Polen|Pologne
PM:Saint Pierre and Miquelon|SPM; PN:Pitcairn|PCN; PR:Puerto Rico|PRI; PS:Palestine|PSE|State of Palestine|Palestinian Territories
PT:Portugal|PRT; PW:Palau|PLW; PY:Paraguay|PRY; QA:Qatar|QAT|Katar; RE:Réunion|REU; RO:Romania|ROU|România|Rumänien
RS:Serbia|SRB|Srbija|Serbien; RU:Russia|RUS|Russian Federation|Россия|Russland; RW:Rwanda|RWA|Ruanda
SA:Saudi Arabia|SAU|Kingdom of Saudi Arabia|KSA|Saudi-Arabien; SB:Solomon Islands|SLB; SC:Seychelles|SYC; SD:Sudan|SDN
SE:Sweden|SWE|Sverige|Schweden; SG:Singapore|SGP|Singapur; SH:Saint Helena|SHN|Saint Helena, Ascension and Tristan da Cunha|St. Helena
SI:Slovenia|SVN|Slovenija|Slowenien; SJ:Svalbard and Jan Mayen|SJM; SK:Slovakia|SVK|Slovak Republic|Slovensko|Slowakei
SL:Sierra Leone|SLE; SM:San Marino|SMR; SN:Senegal|SEN|Sénégal; SO:Somalia|SOM; SR:Suriname|SUR; SS:South Sudan|SSD
ST:São Tomé and Príncipe|STP|Sao Tome and Principe; SV:El Salvador|SLV; SX:Sint Maarten|SXM|St. Maarten
SY:Syria|SYR|Syrian Arab Republic; SZ:Eswatini|SWZ|Swaziland; TC:Turks and Caicos Islands|TCA; TD:Chad|TCD|Tschad
TF:French Southern Territories|ATF; TG:Togo|TGO; TH:Thailand|THA; TJ:Tajikistan|TJK; TK:Tokelau|TKL; TL:Timor-Leste|TLS|East Timor
TM:Turkmenistan|TKM; TN:Tunisia|TUN|Tunisie|Tunesien; TO:Tonga|TON; TR:Türkiye|TUR|Turkey|Türkei|Turkiye|Republic of Turkey
TT:Trinidad and Tobago|TTO; TV:Tuvalu|TUV; TW:Taiwan|TWN|Taiwan, Province of China|臺灣|台灣; TZ:Tanzania|TZA|United Republic of Tanzania
UA:Ukraine|UKR|Україна; UG:Uganda|UGA; UM:United States Minor Outlying Islands|UMI
US:United States|USA|USA|U.S.A.|U.S.|United States of America|America|Vereinigte Staaten|États-Unis|Estados Unidos|The United States
UY:Uruguay|URY; UZ:Uzbekistan|UZB; VA:Vatican City|VAT|Holy See|Vatican
VC:Saint Vincent and the Grenadines|VCT|St. Vincent and the Grenadines; VE:Venezuela|VEN|Bolivarian Republic of Venezuela
VG:British Virgin Islands|VGB|Virgin Islands (British); VI:U.S. Virgin Islands|VIR|Virgin Islands (U.S.)|US Virgin Islands
VN:Vietnam|VNM|Viet Nam; VU:Vanuatu|VUT; WF:Wallis and Futuna|WLF; WS:Samoa|WSM; XK:Kosovo|XKX; YE:Yemen|YEM|Jemen; YT:Mayotte|MYT
ZA:South Africa|ZAF|Südafrika|RSA; ZM:Zambia|ZMB|Sambia; ZW:Zimbabwe|ZWE|Simbabwe
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
