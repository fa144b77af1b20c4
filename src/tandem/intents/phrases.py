"""Tables of phrases: what a message says beside its subject, each line one way of saying it. English; data, no code.

A phrase stands here when it says the thing by itself in a stranger's message, not because it once stood near it. Gaps are
bounded and stay within a sentence, so that a rant of 2,000 words is read in time that grows with its length alone.
"""

ABUSE = (
    r"\b(fuck (you|off)|f+u+c+k+ you|(you|ur|you'?re)( are)?( all)?( a| an)? (\w+ )?(idiots?|morons?|stupid|useless|dumb|bastards?|bitch|retard|scum|scammers|clowns?|pathetic|worthless)\w*|piece of shit|bullshit|go to hell|kill yourself|die in)\b",
)
THREAT = (
    r"\b(i|we)('?ll|'?m| will| am| are)?( going to|gonna| gonna)?( come| find| be)?( and| over and| there and)? (kill|hurt|burn|destroy|smash|beat|stab|shoot|bomb|trash|wreck|attack|strangle) (you|your|all of you|someone|somebody|everyone|everybody|people|the (shop|store|office|building|place|branch|staff|driver))\b",
    r"\b(come|coming|visit|drive|find|turn up|go)\b[^.!?\n]{0,40}\b(and|to) (will )?(smash|burn|hurt|kill|wreck|trash|destroy|beat|stab|shoot|break|blow)\b[^.!?\n]{0,20}\b(you|your|it|them|up|down|place|shop|store|office|everything|someone|everyone)\b",
    r"\b(watch your (back|step)|you('?ll| will| are going to|'?re going to)( all| really)? (regret|pay for|be sorry)|someone('?s| is| will)( going to)? (get|be|end up) hurt|know where (you|your \w+|they|he|she)( all)? (live|work|park|are|sleep)s?)\b",
)
FRUSTRATION = (
    r"\b(again|still (not|no|hasn'?t|haven'?t|waiting|nothing|isn'?t|doesn'?t)|third time|second time|(\d+|several|many|multiple|five|four|three) times|already (told|asked|said|tried|explained|wrote|sent)|for (weeks|days|months|ages)|how many times|how often do i"
    r"|over and over|keeps? happening|fed up|sick of|ridiculous|unacceptable|a joke|worst|terrible|awful|useless|disgrace\w*|furious|angry|annoyed|annoying|frustrat\w+|disappoint\w+|had enough|waste of|never again|(are you|you('?re| are) not) (even )?(listening|reading|helping)|not helpful|doesn'?t help|no help)\b",
    r"!{2,}|\b[A-Z]{4,}\b[^a-z]*\b[A-Z]{4,}\b|\?{2,}|[😠😡🤬😤🖕]",
)
LEGAL = (
    r"\b(lawyers?|solicitors?|attorneys?|barristers?|law ?suits?|litigation|ombudsman|trading standards|consumer (protection|rights) (agency|office|authority)|data protection (authority|regulator|commissioner)|small claims|cease and desist|legal (action|steps|proceedings|advice|notice|letter|team|representation)|instruct\w* counsel|press charges|letter before action)\b",
    r"\b(i|we|i'll|we'll)\b[^.!?\n]{0,30}\b(sue|suing|take (you|this|it|your \w+) to court|(go|going) to (court|the police)|hold (you|your \w+) (liable|responsible))\b",
    r"\bsee you in court\b|\bcourt papers\b|\b(you|who|your company) (are|is|will be) (legally )?liable\b|\b(claim|demand|seek|want)\w* (damages|compensation for)\b",
)
SAFETY = (
    r"\b(exploded|explosion|caught (fire|light)|set (fire|alight)|burst into flames|electric(al)? shock|electrocut\w+|smells? of gas|gas leak|leak(s|ing|ed)? gas|carbon monoxide|choked|choking|poison(ed|ing)|allergic reaction|anaphyla\w+)\b",
    r"\b(injured|hospital|ambulance|burns? on|burned|burnt|scalded|bleeding|broke (my|his|her|their) \w+|cut (my|his|her|their) \w+|hurt)\b[^.!?\n]{0,60}\b(your|you|product|device|it|stove|tent|charger|battery|husband|wife|son|daughter|child|kid|hand|face|arm|leg|because)\b",
    r"\b(my|our|his|her) (husband|wife|son|daughter|child|kid|baby|partner|mother|father|hand|face|arm|leg|finger|eye)s?\b[^.!?\n]{0,40}\b(injured|hurt|burned|burnt|burns|scalded|hospital|bleeding|shock)\b",
)
SECURITY = (
    r"\b(some ?(one|body)|stranger|hacker|thief|scammer|another person|not me|wasn'?t me|wasnt me)\b[^.!?\n]{0,50}\b(access\w*|log(ged)? ?(in|on)|got into|broke into|took over|changed|using|used|ordered|bought)\b[^.!?\n]{0,30}\b(account|profile|password|login|e-?mail|card|points|gift card)\b",
    r"\b(account|profile|password|login|e-?mail|card|phone)\b[^.!?\n]{0,40}\b(hacked|hijacked|compromised|stolen|taken over|wasn'?t me|wasnt me|not me|without my (knowledge|permission|consent))\b",
    r"\b(hacked|phish\w+|identity theft|unauthori[sz]ed (access|log-?in|sign-?in|order|device)|data (breach|leak)|fake (page|site|website|mail|email|shop))\b",
)
MONEY = r"(charges?|charged|withdrawals?|debits?|debited|payments?|transactions?|bookings?|booked|amounts?|money|direct debit|invoices?|bills?|billed|deducted|deductions?)"
DISPUTE = (
    rf"\b{MONEY}\b[^.!?\n]{{0,60}}\b(i (don'?t|do not|didn'?t|did not|can'?t|cannot) (recogni[sz]e|authori[sz]e|approve|know|agree|make|order|remember|understand where)|(never|not) (authori[sz]ed|agreed|ordered|bought|made|approved|consented)|un(known|authori[sz]ed|recogni[sz]ed|explained)|without (my )?(permission|consent|asking|knowledge|authori[sz]ation)|isn'?t mine|is not mine|not from me)\b",
    rf"\b(unknown|unauthori[sz]ed|unrecogni[sz]ed|mystery|fraudulent|duplicate|bogus|illegal|incorrect|wrong) (\w+ )?{MONEY}\b",
    rf"\b{MONEY}\b[^.!?\n]{{0,80}}\b(statement|bank account|my account|my card|credit card|paypal)\b[^.!?]{{0,80}}\b(never|haven'?t|have not|didn'?t|did not|don'?t|do not|no idea|not)\b[^.!?\n]{{0,25}}\b(bought|ordered|shopped|purchased|used|know|recogni[sz]e|order|buy|subscribe\w*|heard of|been|had|made|signed)\b",
    rf"\b(never|haven'?t|have not|didn'?t|did not)\b[^.!?\n]{{0,25}}\b(bought|ordered|shopped|purchased|order|buy|subscribed|signed up|agreed|consented)\b[^.!?]{{0,80}}\b(yet|but|still|and|why)\b[^.!?\n]{{0,40}}\b{MONEY}\b",
    rf"\b(disput(e|ing)|contest(ing)?|chargeback|charge ?back|revers(e|al))\b[^.!?\n]{{0,40}}\b({MONEY}|bank|card|paypal)\b|\bcharge ?backs?\b",
    r"\b(double|triple|twice|two times|three times|over)[- ]?(charged|billed|debited|booked)\b|\b(charged|billed|debited|booked|deducted|taken|took)\b[^.!?\n]{0,40}\b(twice|two times|three times|double|again|too much)\b",
)
CHURN = (
    r"\b(never|not|won'?t|will not|no longer)( be)?( ever)? (order(ing)?|buy(ing)?|shop(ping)?|com(e|ing) back|us(e|ing)|deal(ing)?|renew(ing)?|return(ing)?)\b[^.!?\n]{0,30}\b(from|with|at|to) (you|here|your|this (shop|store|company))\b",
    r"\b(tak(e|ing) (my|our) (business|money|custom) (elsewhere|to|away)|(going|switch(ing)?|mov(e|ing)|chang(e|ing)|go|turn(ing)?) (over )?to (a|your|another|the|one of your) (\w+ )?(competitors?|competition|other (provider|shop|company|supplier)|provider|supplier|alternative)|looking for (an )?(alternative|another (provider|shop|supplier|company)))\b",
    r"\b(lost|losing|lose) (me |us |yourself )?(as )?(a|another|this|me as a|a loyal|a long-?time) (\w+ )?customer\b|\b(last|final) (straw|time i (order|buy|shop))\b",
    r"\b(cancel|close|terminate|end|quit|leave)\w*\b[^.!?\n]{0,40}\b(subscription|membership|contract|plan|account|everything)\b[^.!?\n]{0,30}\b(unless|if (you|this|it|nothing|i don'?t)|because (of )?(you|your|this|i'?m (tired|fed|sick|unhappy|disappointed)))\b",
    r"\b(thinking (about|of)|considering|about to|might|ready to|close to) (cancel\w*|leav\w*|quit\w*|switch\w*)\b",
)
URGENT_HIGH = (
    r"\b(urgent(ly)?|asap|a\.s\.a\.p|immediately|right (now|away)|emergency|tonight|within the hour|(in|within) (an|one|two|a few|\d{1,2}) (minutes?|hours?)|(need|leave|leaving|fly|flying|arrive|due|start)\w*\b[^.!?\n]{0,25}\b(today|tomorrow|tonight)|hacked|stolen|fraud\w*|unauthori[sz]ed|compromised|scam\w*|injur\w+|dangerous|exploded|caught fire|gas leak|leak\w* gas|unsafe|life[- ]threatening|hospital)\b",
)
URGENT_MEDIUM = (
    r"\b(soon|today|tomorrow|this week|deadline|leav(e|ing) (on|for|in)|flight|birthday|wedding|before (mon|tues|wednes|thurs|fri|satur|sun)day|waiting|overdue|late|delayed|charged twice|double charg\w+|not working|lost|missing|still (no|not|nothing|hasn'?t|haven'?t)|for (weeks|days|months|ages))\b",
)
NOT_URGENT = (
    r"\b(no (rush|hurry)|not urgent|isn'?t urgent|no need to (rush|hurry)|whenever (you|it)|take your time|just (wondering|curious|asking|out of curiosity)|in (a few|some|two|three|six) months)\b",
)
