"""Words that may stand for each other in a help centre, though not everywhere: near synonyms, by which something counts as said.

They decide what is said and what is aligned with what, never what is denied, counted or named. Pure.
"""

from functools import lru_cache

from tandem.answering.grounding import vocabulary

_GROUPS = tuple(
    group.strip()
    for group in """
withdraw take remove, collect pick fetch gather, bring take carry, return send give back hand, deliver ship send bring post, deliver
shipment delivery shipping postage, arrive come reach get here delivered, get receive obtain have gain earn collect, buy purchase
order acquire bought, pay spend charge bill payment, charge bill invoice cost fee deduct debit, fee charge surcharge cost price
payment, price cost rate fee amount value worth, pay cover bear, refund reimburse repay return money, refund refundable money,
deduct subtract less minus take off, discount reduction off cheaper reduce reduced saving lower, reduce lower drop cut decrease less
fewer, raise increase higher more extra up, free complimentary gratis nothing included, extra additional further more another
besides, add include extra plus, supplement surcharge extra fee, cancel call end terminate stop revoke annul, swap exchange replace
change trade switch, replace replacement new another substitute, replacement new, lose miss forfeit lost missing, lost missing gone,
damaged broken faulty defective fault damage, break fail faulty broken, mend repair fix, throw discard dispose bin, donate give,
sell sale sold offer, deposit prepayment advance, prepay upfront advance front, start begin commence launch open first, end finish
stop expire close over complete run conclude, expire lapse end run valid last, last take run continue long, continue keep remain
stay still carry go, keep hold store retain save, hold keep reserve, keep stay remain, wait delay hold queue, delay late postpone
overdue, soon quickly fast quick promptly shortly, immediately instantly straight once away now, at immediately, early before
advance earlier beforehand ahead prior, ahead advance beforehand before prior earlier, after later afterwards following then once
past beyond, during while throughout whilst through, until till through, by before, now currently present moment today, current
currently present now, yearly annual annually year, monthly month, weekly week, daily day, regular normal standard usual ordinary,
usually normally generally typically mostly often, recent last past previous, previous former earlier old past prior, next following
coming, permanent forever always permanently, again renew repeat another, renew renewal extend continue, extend longer prolong
increase add push, time period duration length term, period time window span, deadline date end last close, date day, per each
every, within in during inside, back backdate, count start run begin measured, enable activate turn switch start set, disable
deactivate turn switch off stop, sign log login enter access, register enrol enroll sign join, join enrol enroll register enter sign
member, leave exit quit cancel go depart, account profile, password passcode pin, verify confirm prove check validate, confirm
confirmation verify accept, approve accept confirm authorise authorize okay agree, accept take allow honour, reject refuse decline
deny, settings preferences options, choose select pick opt option, option choice alternative, create make set build generate new,
delete remove erase clear deleted, restore recover retrieve undo bring get back, update change edit modify adjust amend, change edit
switch modify become turn, become turn change convert, automatically automatic itself, upload add submit send attach, attach include
add enclose, download save export get, upgrade move switch higher, downgrade move lower cheaper switch, plan tier package
subscription, subscription membership plan subscribe, member membership subscriber belong, user member person people seat, customer
client user buyer shopper, device phone computer handset machine, phone telephone handset mobile, phone call ring contact,
mobile phone cell cellular, app application, website site online web page, online internet web website site, offline disconnected
connection lose, connection connect link network, link address url, message text email mail notify letter, text sms message, notify
tell inform alert email let know message, inform tell notify say let know, tell say state explain show inform know let, contact call
email reach touch write ask, ask request want demand apply, request ask application apply order, apply application request ask,
apply valid hold count go, submit send give enter file hand provide upload, complete fill finish do done, form application, report
tell notify claim say, claim ask request apply demand, complain complaint report, reply answer respond response, respond reply
answer react, help support assist service, look see check view find, check look see verify test, see view show visit watch look,
show display present appear, find locate look get, enter type input put, click press tap hit choose, write describe note state,
watch stream view see play, play watch start press listen, stream streaming watch simultaneous, simultaneously once same time
simultaneous, advert ad advertisement adverts ads, allow permit let may able can enable give possible, allowed permitted welcome
fine ok accepted, can able possible may, use work apply enjoy access, work function run operate use support, support work offer
accept compatible have handle available provide, available offer possible provide get have, include cover contain comprise come part
with, cover apply insure protect include, covered included eligible, insurance cover policy, eligible qualify entitle can may open,
entitle right may can get eligible, qualify eligible count entitle, need require must have necessary want, must need have require
obligatory, required necessary needed mandatory need, condition requirement rule term, rule terms condition policy, prohibit forbid
ban allow, avoid prevent stop escape, prevent stop avoid block, block stop prevent bar freeze, freeze pause suspend hold frozen stop
block, pause suspend freeze stop, limit cap maximum restrict ceiling, limit restriction cap restrict, exempt excuse free waive,
exclude except apart, except apart excluding other besides, guarantee promise ensure assure sure, aim try intend, depend subject
vary, depends according, reach hit exceed go, exceed over more go above beyond, above over more beyond past, below under less fewer
younger, over older above aged, under younger below less, age aged old older, child kid baby newborn infant son daughter, parent
guardian mother father, adult grown, baby newborn birth born, birth born, home house place household residence, live reside resident
home, person people anyone somebody individual guest, guest visitor person people, visitor guest people, pupil student child,
student pupil, staff team employee worker, employee staff worker person, doctor gp physician, patient person people, driver person,
rent hire rental lease, rental hire rent, drive take car, car vehicle automobile, licence license permit, branch store shop office
location outlet, store shop outlet, counter desk reception, front reception desk, room hall space, space room capacity place seat
hold, seat hold space place people, hotel stay, stay night reservation booking visit remain, booking reservation book reserve stay,
book reserve order schedule arrange appointment, appointment booking slot, slot time appointment place, arrange organise organize
book schedule, visit come go enter, visit stay trip, come visit go arrive attend, attend come go join visit, enter entry admission
go admit visit get in, admission entry enter entrance ticket, ticket entry pass fare, leave depart departure checkout check go,
flight plane fly trip, travel go trip journey fly take, trip journey travel, luggage bag baggage suitcase, abroad overseas foreign
country outside, country nation abroad, outside beyond out, inside within in, closed shut close, open close, shut close, evening
late night, place location spot space, address location home, post mail send, parcel package box, packaging box wrapping, item
product article goods thing, goods item product, order purchase parcel booking, label sticker, receipt invoice bill proof, proof
evidence receipt document, document paper certificate file, id identification passport identity, identity id, copy photo scan, photo
picture image, signature sign, meal food dish, drink beverage, eat food, medicine drug medication prescription, prescription
medicine, vaccine vaccination jab vaccinate flu, vaccinate vaccination vaccine jab give, injury injured hurt, ill sick illness,
severe severely serious bad, react reaction, test check try, train exercise use, class course lesson session, course class, school
class, lesson class course, term semester, amount number quantity sum, total whole full all entire, whole full entire all total
complete, full whole fully complete all entire, fully full completely entirely, half 50, part portion share, percentage percent rate
share fee, share part percentage, minimum least lowest, maximum most limit cap highest, large big bigger, small little, unlimited
many limit, single one only, just only, only alone sole, both either two, first before earlier initial, initial first, final last,
last final end, order sequence, step stage, type kind sort category, kind type sort two, category class type, same equal identical,
different separate other own, separate own different, special exceptional, due because owing, because since due reason, reason
because why cause, cause reason lead, problem issue fault trouble error, error problem fault issue, work working business, money
funds amount cash payment payout, cash money, payout payment funds money, bank account, card payment, balance amount account, pay
transfer, transfer move send pay, move transfer switch go relocate, go move leave, put place set, give provide offer get grant,
provide give offer supply bring include, offer give provide have available, supply provide power electricity, power electricity
supply, outage cut power, reading figure number, estimate guess estimated calculate, calculate work base count, calculate
calculation count, count include calculate number, credit put add pay, store keep save hold, save keep store, protect secure safe,
secure safe, leak expose publish, reveal expose show, public open, private personal, personal own private, own have yourself,
yourself own self, together with along both, along with accompany together, accompany bring with along, instead rather, contact
reach, meet fulfil satisfy, satisfy meet, enough sufficient, about regarding around concern, concern about, like want wish, wish
want choose, belong own, easy simple, simply easily just, difficult hard, correct right, wrong incorrect mistake false, mistake
error wrong, miss late skip, show appear turn, use spend take, spend use pay, try attempt, call name, rotate change replace, secret
private, key token, speed fast rate, lift raise higher increase
""".replace("\n", " ").split(",")
)
"""Each word of a group may be said for any other one of it."""

_OF: dict[str, frozenset[int]] = {}
for _number, _group in enumerate(_GROUPS):
    for _word in _group.split():
        _root = vocabulary.root(_word)
        _OF[_root] = _OF.get(_root, frozenset()) | {_number}

NONE: frozenset[int] = frozenset()


def groups(root: str) -> frozenset[int]:
    """The groups that a root is in."""
    return _OF.get(root, NONE)


def alike(word: str) -> list[str]:
    """The words that may stand for a word, in order."""
    return sorted({other for group in groups(vocabulary.root(word)) for other in _GROUPS[group].split()} - {word})


@lru_cache(maxsize=5_000)
def of(roots: frozenset[str]) -> frozenset[int]:
    """The groups of all of these roots."""
    return frozenset().union(*(groups(root) for root in roots))


def begins_alike(one: str, other: str) -> bool:
    """Whether one root is the other with an ending: "mac" and "macos", "europ" and "european"."""
    short, long = sorted((one, other), key=len)
    return len(short) >= 3 and long.startswith(short) and len(long) - len(short) <= (2 if len(short) < 5 else 4)
