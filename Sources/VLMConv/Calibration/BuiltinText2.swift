// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text2 = """
        The Roman system of roads was built for soldiers, but it was letters that kept it busy. A courier of the \
        state post changed horses every ten miles or so and could cover fifty miles in an ordinary day, a hundred and \
        sixty in a crisis. Private persons had no right to use the post, and had to find a traveller going the right \
        way. So we have letters in which the writer breaks off because the man who will carry it is already standing \
        at the door; letters which apologise for the silence of a year, since nobody had been going to Egypt; and one \
        which complains that three earlier ones must have been read by the person who brought them, for he had \
        answered them himself.

        [06:58:27] warning layer-26: trim skipped (0x30bc5020, 84.4 ms)
        [07:02:38] warning cursor-10: rotate failed (0x6297bf1d, 126.7 ms)
        [07:03:05] debug session-31: resolve done (0x6f8a14f1, 224.5 ms)
        [07:08:40] info vertex-12: split failed (0x783fd768, 552.0 ms)

        Step 1: Let x be the number of adults and y the number of children. Then x + y = 120 and 8x + 5y = 780.
        Step 2: From the first equation y = 120 - x.
        Step 3: Substitute: 8x + 5(120 - x) = 780, so 8x + 600 - 5x = 780, which gives 3x = 180.
        Step 4: Therefore x = 60 and y = 60.
        Check: 8 · 60 + 5 · 60 = 480 + 300 = 780. Correct.
        The answer is 60 adults and 60 children.

        Minister of Works: I would remind the House that the bridge was opened two months ahead of time.
        A Member: Which end?
        Minister of Works: The honourable Member knows perfectly well that the northern approach is the \
        responsibility of the county.
        A Member: So it is half a bridge?
        Minister of Works: It is a whole bridge, Mr Speaker, to which one can at present get from one side.
        (Laughter.)

        Table 11: tickets in Osaka
        | id | level | duration_s | created_at |
        |---|---|---|---|
        | 4 | fire extinguisher | 274.82 | orange |
        | 9 | clock | 321.81 | dark green |
        | 21 | road sign | 63 | navy blue |
        | 28 | bicycle | 94.37 | red |
        | 33 | striped scarf | 400.7 | silver |

        #!/usr/bin/perl
        use strict;
        use warnings;

        my %seen;
        while (my $line = <STDIN>) {
            chomp $line;
            next if $line =~ /^\\s*(#|$)/;
            my ($name, $value) = split /\\s*=\\s*/, $line, 2;
            die "line $.: no value for '$name'\\n" unless defined $value;
            warn "line $.: '$name' was set before\\n" if $seen{$name}++;
            print "export $name=\\"$value\\"\\n";
        }

        USER: Write a function in Python that checks whether a string is a palindrome.
        ASSISTANT: Here is one that ignores case, spaces and punctuation:

        ```python
        def is_palindrome(text: str) -> bool:
            letters = [c.lower() for c in text if c.isalnum()]
            return letters == letters[::-1]
        ```

        For example, `is_palindrome("Was it a car or a cat I saw?")` returns `True`.

        USER: What is the best way to merge a polygon that holds 658 loaf of breads?
        ASSISTANT: First decide what to keep. Then go together: 1) look at the counter, 2) schedule what is left, 3) \
        write down that the effect disappears above forty degrees. A drill helps, and 23 mm are enough.

        Wer den Teig zu früh in den Ofen schiebt, bekommt ein flaches Brot; wer zu lange wartet, eines, das \
        zusammenfällt. Der richtige Zeitpunkt lässt sich mit dem Finger prüfen: Eine kleine Delle soll langsam, aber \
        nicht ganz zurückgehen. Anschließend wird das Brot zehn Minuten bei 250 Grad und weitere vierzig bei 200 Grad \
        gebacken.

        O Muse of small and ordinary things, of keys that are in the other coat, of milk, of the third stair that \
        creaks; thou who hast never had a temple, but in whose honour somebody, somewhere, is always looking for his \
        glasses: be kind to us this week.

        USER: What do you see?
        ASSISTANT: The picture shows a workshop in harsh midday sun. A cactus lies upside down on the grass, and a \
        teapot sits on a bench. In the background there is a brown horse.
        USER: What is it made of?
        ASSISTANT: It looks like canvas, perhaps with a little slate.

        How to ask a question that gets an answer

        1. Say what you want to do, not only what failed. People often know a better way to the goal.
        2. Give the exact command and the exact message. "It does not work" describes nothing.
        3. Make the example as small as it can be while it still fails. Half of all problems end here.
        4. Say what you tried already, so that nobody has to suggest it.
        5. When it is solved, write down how. Someone with the same question will find yours in six years.

        USER: Rewrite this more politely: "You sent me the wrong file again. Send the right one today."
        ASSISTANT: "Thank you for your message. It seems that the attachment was an earlier version once more. Could \
        you please send me the current one by the end of the day? That would help me a lot."

        Der Kapitän beschreibt ein kleines Boot kurz vor Mitternacht. Der Lehrling verkauft einen Regenschirm nach \
        dem Essen. Die Ärztin findet den alten Schlüssel kurz vor Mitternacht.

        Im Herbst zogen die Kraniche in langen Ketten über das Moor. Der alte Lehrer stand dann am Fenster, zählte \
        laut und schrieb die Zahl in ein Heft, das er seit vierzig Jahren führte. Niemand hatte ihn darum gebeten. \
        Als man später wissen wollte, wie sich die Züge verändert hatten, war dieses Heft das einzige, was es gab.

        CREATE TABLE IF NOT EXISTS loans (
            id          INTEGER PRIMARY KEY,
            book_id     INTEGER NOT NULL REFERENCES books(id) ON DELETE RESTRICT,
            member_id   INTEGER NOT NULL REFERENCES members(id),
            lent_on     DATE    NOT NULL DEFAULT CURRENT_DATE,
            due_on      DATE    NOT NULL,
            returned_on DATE,
            CHECK (due_on >= lent_on)
        );
        CREATE INDEX loans_open ON loans (due_on) WHERE returned_on IS NULL;

        -- Who is late, and by how many days?
        SELECT m.name, b.title, julianday('now') - julianday(l.due_on) AS days_late
        FROM loans l JOIN books b ON b.id = l.book_id JOIN members m ON m.id = l.member_id
        WHERE l.returned_on IS NULL AND l.due_on < CURRENT_DATE
        ORDER BY days_late DESC;

        On 22 June 1968 Rosa measured the room again in the old harbour, because the road was flooded. Hiroshi sold \
        the boat before breakfast, because the road was flooded. In the end all that was left was a typewriter, a \
        parking meter and the memory of a seal.

        name,team,points,played
        Ines,Harbour,31,14
        Tomasz,Mill Lane,28,14
        Priya,Harbour,26,13
        Dario,Station,22,14
        Sofie,Mill Lane,9,11

        Knock, knock.
        Who's there?
        Lettuce.
        Lettuce who?
        Lettuce in, it's cold out here.

        A horse walks into a library and asks for a book about ladders. "Fiction or non-fiction?" says the librarian. \
        "I'd rather not say," says the horse, "I have climbed on people before."

        How many proofreaders does it take to change a light bulb? Two: one to change it, and one to change it back \
        to "lamp".

        USER: What do you see?
        ASSISTANT: The picture shows a terrace with plants in a flash from the front. A glass jar is half hidden \
        behind a curtain, and a violin casts a long shadow. In the background there is a swarm of bees.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        There are two kinds of people who never ask for directions: those who know the way, and those who will know \
        the whole county by evening.

        The defence of the town lasted for nine weeks. Of the four thousand who lived within the walls at its \
        beginning, among them some six hundred who had fled there from the villages, about half were able to carry a \
        weapon; there were eleven cannon, powder for nine of them, and, as it was to turn out, more wine than water. \
        The besiegers had come for the winter, with huts of timber and a bakery. What decided the matter was neither \
        assault nor hunger but a change in the weather: the frost broke on the second of February, the river carried \
        away the bridge of boats on which their bread came, and on the morning of the fourth the sentries on the \
        north tower reported that no smoke was to be seen. They suspected a trick, and kept the gates shut for two \
        days more.

        MUSCAT, 26 March 1906. After 33 years the port has decided to replace the bracket of the cable car by one of \
        rubber. The cost is put at 83.7 million. "It was said that it only works in dry weather," Mr Fielding told \
        us, "as the forecast had promised."

        Chapter 4. In which the travellers lose a hat and gain a companion.

        They had not gone a mile beyond the toll-gate when the wind, which had been trying one thing after another \
        all morning, found the Professor's hat and was satisfied. It went over the hedge, across a field of turnips \
        and into a pond, upon which it settled like a small black duck. "Let it go," said Mrs Tibbs. "It never suited \
        you." But the Professor was already through the hedge; and thus it was that he came face to face, on the \
        farther side of it, with a boy of about twelve who was up to his knees in the water and had the hat on.

        Aboard the ketch, learn these before Thursday: abaft, abeam, aft, ballast, batten, belay, bilge, binnacle, \
        boom, bosun, bowsprit, bulkhead, capstan, careen, cleat, coaming, companionway, davit, dinghy, fathom, \
        fender, fo'c'sle, forestay, galley, gangway, gunwale, halyard, hawser, helm, jib, keel, kedge, lanyard, \
        leeward, luff, mainsheet, mizzen, mooring, painter, pintle, port, ratlines, reef, rigging, rowlock, rudder, \
        scupper, shackle, sheave, shroud, spinnaker, stanchion, starboard, stern, swivel, tack, thwart, tiller, \
        topping, transom, windlass, yaw. Whoever confuses the kedge with the painter peels potatoes until Sunday.

        On 11 November 2001 Wanda signed the contract in the upper valley, long before the guests arrived. Zoe baked \
        for the whole street for the third time, but kept the receipt. In the end all that was left was a pizza, a \
        folded map and the memory of three goats.

        USER: Translate to German: "The train to the airport leaves from platform nine."
        ASSISTANT: Der Zug zum Flughafen fährt von Gleis neun ab.
        USER: Now to French.
        ASSISTANT: Le train pour l'aéroport part de la voie neuf.
        USER: And to Spanish, please.
        ASSISTANT: El tren al aeropuerto sale del andén nueve.

        USER: What is shown on the sign in the picture?
        ASSISTANT: The sign is a white rectangle with a blue border. It shows a pedestrian and a bicycle side by \
        side, separated by a vertical line, which means that the path is divided between the two.
        USER: Is anybody using it?
        ASSISTANT: Yes. A woman with a helmet rides on the right half, and behind her, partly hidden by a tree, a man \
        pushes a pram on the left half.

        old Bertram buys 6 of the same brass lamp at 3.90 each and pays with 30.00. How much comes back? 6 times 3.90 \
        is 23.40; 30.00 - 23.40 = 6.60. Also: 39 + 88 = 127, 39 - 88 = -49, 39 × 88 = 3432, 39 ÷ 88 ≈ 0.443, 88² = \
        7744.

        USER: Summarise the following in one sentence. "Bees communicate the direction and distance of food by \
        dancing. The angle of the dance relative to vertical shows the direction relative to the sun, and the length \
        of the waggle shows how far to fly."
        ASSISTANT: Bees tell each other where food is by a dance whose angle gives the direction and whose length \
        gives the distance.

        Why do we say that a piece of music is in a key? Because one note feels like home. Play the seven other notes \
        of the scale in order and stop before the last, and most listeners will hear the missing one in their minds. \
        Composers live off that expectation. They walk away from home, take a detour through a neighbouring key, \
        pretend to arrive and turn aside at the last moment, and when the home chord finally sounds, a piece of ten \
        minutes can be brought to rest by a single bar.

        USER: How do I compare a message that holds 488 green bottles?
        ASSISTANT: First decide what to keep. Then go with great care: 1) look at the buffer, 2) flush what is left, \
        3) write down that the cheaper method is the more exact one. A tape measure helps, and 15 km/h are enough.

        Is it cheaper to run a heat pump than a gas boiler? That depends on three numbers: what a kilowatt-hour of \
        gas costs, what one of electricity costs, and how many kilowatt-hours of heat the pump gives for one of \
        current. Suppose gas costs 10 cents and the boiler turns 92 per cent of it into heat: then heat costs 10.9 \
        cents. Suppose electricity costs 30 cents and the pump has a yearly performance factor of 3.5: then heat \
        costs 8.6 cents. With a factor of 2.5, as in an old house with small radiators, it would be 12 cents. So \
        insulate first, enlarge the radiators that limit the flow temperature, and then compare.

        Experience is the name of the bruise.

        A committee can agree on any number, provided it is round.

        Never trust a map that has no coffee stains.

        If you want a thing forgotten, put it in the minutes.

        The shortest way home is the one you were not going to take.

        Every family has a drawer that must not be opened by guests.

        A man who can cook an egg is never wholly defeated.

        Things to bring to Trieste:
        * a garden hose (rust brown)
        - a toy train (dark green)
        * a plate of noodles (pale yellow)
        * a kite (red)
        Not needed: bunch of tulips, lentils.

        # Release notes 3.2
        - `export` writes dates in ISO 8601; the old form needs `--legacy-dates`.
        - Fixed: the window could not be closed while a search was running (#1184).
        - Faster start on slow disks: the index is read on demand.
        - Removed: support for files written before version 1.5.

        Glass is neither a liquid that flows slowly nor a crystal that happens to be clear. Its atoms are bound as \
        firmly as in quartz, but without the order: cooled quickly enough, the melt has no time to arrange itself and \
        stiffens in the middle of its disorder. Old window panes are thicker at one edge because of how they were \
        spun and cut, not because they have sagged since.

        Dear Farid,
        I am writing from Porto, where Sanjay fed the chickens more or less by accident. We live in a house of wood \
        with a candle and a sleeping fox, although the letter had said otherwise. Please send goat cheese, dill and a \
        plane before 16 May 1988.
        Yours, D.

        A neutron star is what remains when a star of some ten to twenty solar masses has burnt all it could burn. \
        Its iron core collapses within a second; electrons are pressed into protons, and a ball about twenty \
        kilometres across holds more mass than the Sun. A teaspoon of its matter would weigh as much as a mountain. \
        Since a skater who draws in her arms turns faster, and the core has drawn in a great deal, the youngest of \
        these stars turn dozens of times a second, and where their magnetic field sends a beam past the Earth we see \
        a pulsar: a clock so regular that its discoverers, for a few weeks, kept a folder for the possibility that \
        somebody had built it.

        Politeness costs nothing, which is why it is so seldom stocked.

        The cook who apologises for the soup has tasted it.

        A lawyer is a man who can read a map of the river and sell you the bank.

        Money cannot buy happiness, but it can have it delivered.

        If at first you succeed, try not to look surprised.

        The painter sees the hill, the farmer sees the slope, and the cow sees lunch.

        It takes two to quarrel and three to make a tradition of it.

        Science advances by answers; scientists, by questions nobody can refuse to fund.

        USER: What do you see?
        ASSISTANT: The picture shows a swimming pool in soft morning light. A wooden chair leans against the wall, \
        and a yellow helmet stands in the foreground. In the background there is a black cat.
        USER: Is the yellow helmet to the left of the wooden chair?
        ASSISTANT: No, to the right.

        How a lock on a canal works: the boat enters the chamber while the water stands at its level. The gates \
        behind it close. Valves in the upper gates open, water flows in from above by its own weight, and the boat \
        rises with it. Once the levels inside and above are equal, the pressure on the upper gates is gone and they \
        can be swung open by hand. Nothing is pumped; each passage simply lets one chamber of water run downhill.

        Il treno delle 7:42 era in ritardo, come sempre. Sul binario opposto un signore leggeva il giornale ad alta \
        voce, per nessuno in particolare, e quando arrivava alle previsioni del tempo si fermava, guardava il cielo e \
        scuoteva la testa.

        [21:26:11] info cursor-1: split took too long (0x6fde2e70, 362.8 ms)
        [21:31:14] info sample-16: append done (0x4e1148bb, 652.7 ms)
        [21:32:12] info channel-17: update done (0xdd265d73, 645.9 ms)
        [21:37:45] debug account-29: merge skipped (0x27779b37, 136.8 ms)

        Birds counted from the hide between four and nine in the morning: avocet, bittern, blackcap, bluethroat, \
        brambling, bullfinch, bunting, buzzard, chaffinch, chiffchaff, coot, cormorant, corncrake, crossbill, curlew, \
        dipper, dotterel, dunlin, dunnock, egret, fieldfare, firecrest, fulmar, gadwall, gannet, godwit, goldcrest, \
        goosander, goshawk, grebe, greenshank, guillemot, harrier, heron, hobby, hoopoe, jackdaw, kestrel, \
        kingfisher, kittiwake, knot, lapwing, linnet, magpie, mallard, merganser, merlin, moorhen, nightjar, \
        nuthatch, oriole, osprey, ouzel, oystercatcher, peregrine, petrel, phalarope, pintail, pipit, plover, \
        pochard, ptarmigan, puffin, quail, redpoll, redstart, sanderling, sandpiper, shearwater, shelduck, shoveler, \
        shrike, siskin, skua, skylark, smew, snipe, sparrowhawk, stonechat, swift, teal, tern, treecreeper, \
        turnstone, twite, wagtail, warbler, waxwing, whimbrel, whinchat, wigeon, woodcock, wren, wryneck, \
        yellowhammer.

        For sale: one cello, three-quarter size, German, about 1920, in good playing condition. Small repaired crack \
        in the top (expert's report available). Comes with a hard case that has seen better days and a bow that has \
        not. Reason for sale: the child has grown. 1,900 or near offer. Evenings after six, ask for Ruth.

        Table 35: loans in Galway
        | created_at | weight_kg | region | note |
        |---|---|---|---|
        | 2 | skateboard | 151.10 | pink |
        | 13 | blue umbrella | 242.47 | olive |
        | 16 | rocking horse | 50 | beige |
        | 28 | coffee mug | 198 | orange |
        | 30 | suitcase | 54.933 | turquoise |

        Timeline of the canal
        1791  First survey. Estimated cost: 38,000. Estimated time: three years.
        1794  Work begins at both ends.
        1796  It is found that the two ends will miss each other by 40 metres.
        1799  Bankruptcy of the first company.
        1807  A second company buys the works, the debts and 112 wheelbarrows.
        1812  Opened, with a brass band on a barge. Total cost: 241,000.
        1846  The railway opens. Traffic falls by half within a year.
        1953  Last commercial cargo (coal).
        1978  Volunteers begin to dig out the locks.
        2004  Reopened from end to end.

        Ladies and gentlemen, I was asked to speak for ten minutes about the future of this company. I can do it in \
        one. The future of this company is downstairs, in the hall with the broken window, where six people between \
        twenty and sixty have been building, on their own time and against my explicit instruction, the machine that \
        you will see this afternoon. I told them that it could not be done. I told them twice. I should like to use \
        my remaining nine minutes to apologise.

        static size_t resolve_token(const uint8_t *request, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 64; i++) {
                found += request[i] > 12;
            }
            return found;
        }

        "How was the interview?" "Strange. They asked me what I would do with a week in which nobody could reach me." \
        "And?" "I said I would sleep for two days and then build the shelves." "That is a good answer." "They wrote \
        it down. The one on the left wrote for a very long time."

        USER: Write a polite reply declining an invitation to speak at a conference.
        ASSISTANT: Dear organisers, thank you very much for thinking of me. I would have been glad to come, but I am \
        already committed on those dates. Should you plan another meeting next year, I would be happy to hear from \
        you. I wish you a lively and successful conference.

        Spinach with pears
        Serves 8. Ready in 55 minutes.
        - 700 g spinach
        - 325 g pears
        - 4 handfuls of mackerel
        - 1 tsp paprika, a pinch of coriander
        1. Rinse the spinach and drain well.
        2. Fry the pears with paprika over medium heat until golden.
        3. Stir in everything else, cover and leave for 20 minutes at 120 °C.
        4. Sprinkle with coriander and serve at once.

        Acetylsalicylic acid: uses, dose, cautions. Used for mild to moderate pain, fever and inflammation; in low \
        doses to lower the risk of blood clots. Adults: 300 to 900 mg every four to six hours when needed, not more \
        than 4 g in 24 hours; take with food or after it. Do not give to children under 16 years unless a doctor \
        advises so, because of the risk of Reye's syndrome. Do not use with a stomach ulcer, a bleeding disorder, or \
        in the last three months of pregnancy. Ask first if you have asthma or take anticoagulants. Common side \
        effects are indigestion and an increased tendency to bleed. Seek help at once for black stools, ringing in \
        the ears or difficulty breathing.

        The ferryman's daughter

        When the bridge was finished, the ferryman went down to the landing as on every other day, untied the boat, \
        sat down on the middle bench and waited. Nobody came. Towards noon a dog trotted out on the bridge, stopped \
        half-way, looked down at him between two posts and went back again. In the evening he tied up the boat, hung \
        the oars on their hooks, and told his daughter that it had been a quiet day.

        It was quiet for the whole of that summer. She was fourteen, and it was she who first thought of the fish. \
        "They bite at dawn under the willows," she said, "where one cannot get to from the bank. And there are people \
        in the town who would pay to sit in a boat and catch nothing." Her father said that he was a ferryman and \
        took people across. "Take them half-way across," said she.

        The first was a chemist with a straw hat, who caught nothing for three hours and came again on Sunday with \
        his brother-in-law. By October there was a list. The ferryman, who had spoken perhaps ten words a day in his \
        life, since the river is not wide, found out that he knew a great deal: where the eels went, what the old \
        people had called each bend, which of the drowned had been found and where. The gentlemen from the town \
        forgot their floats. One of them wrote things down.

        "What do they want with it?" he asked his daughter. "They all have houses." She was mending a net and did not \
        look up. "They have been over the bridge," she said, "and there was nothing on the other side that they did \
        not have before."

        Una estudiante busca una lámpara verde después de comer. Mi hermano repara un barco pequeño a pesar de la \
        lluvia. La vecina vende la llave vieja a pesar de la lluvia.

        Answers to last week's quiz: 1. The Danube (ten countries). 2. Because it is the only even prime. 3. A hinny. \
        4. 1,729. 5. In a theatre: it is the curtain. 6. Helium, which was found in the Sun before it was found on \
        Earth. 7. The yard, by 8.56 centimetres. 8. Neither; both were asleep. There were 212 entries, of which 9 \
        were right in every point. The prize, a globe, goes to the Alvarez family of Hill Street.

        There is an argument against travelling that I have never seen refuted: that one always has to take oneself \
        along. The lake is blue, the inn is clean, the waiter is polite; and there, at the next table, behind the \
        newspaper, sits the same fellow as at home, with his opinions and his bad shoulder. And yet. On the third or \
        fourth day, generally in the morning and with no cause, he is not there. For an hour one walks about in the \
        world as though one had been let in free.

        邻居画了第二章。邻居正在找绿色的台灯。船长画了一条小船。

        It is often said that the camera cannot lie, usually by people who have never been asked to stand a little \
        further to the left. Whoever frames a picture decides what has not happened. Ten steps back, and the cheering \
        crowd is seen to be forty people in an empty square; a longer lens, and the two statesmen who could not bear \
        each other are standing shoulder to shoulder.

        And it came to pass in the seventh year of the drought, that the elders of the valley gathered at the dry \
        well, and they said one to another, Let us go up unto the house of the stranger, for his cistern is deep. But \
        the stranger stood in his doorway and said, Did ye not stop the mouth of my spring in the days of your \
        plenty? And they bowed their heads and answered nothing. Then he took a pitcher and filled it, and gave first \
        to the child and afterward to the old man, and last of all to him that had rolled the stone.

        TARTU, 10 February 1960. After 12 years the school board has decided to replace the connector of the town \
        hall by one of marble. The cost is put at 6.9 million. "It was said that a second observer saw the opposite," \
        Benedikt told us, "while the radio played an old waltz."

        O porto acordava devagar. Primeiro as gaivotas, depois os motores, por fim as vozes. Às oito já não havia \
        lugar para mais uma caixa no cais, e o sol, que prometia calor, ainda não tinha passado por cima dos armazéns.

        Verbs for the kitchen exam: baste, beat, blanch, blend, braise, broil, caramelise, carve, chill, clarify, \
        coddle, core, cream, crimp, curdle, debone, deglaze, devein, dice, dredge, drizzle, ferment, fillet, flambe, \
        fold, fry, garnish, glaze, grate, grill, grind, infuse, julienne, knead, leaven, macerate, marinate, mash, \
        mince, parboil, pare, percolate, pickle, poach, proof, puree, reduce, render, rinse, roast, saute, scald, \
        score, sear, season, shred, sieve, sift, simmer, skewer, skim, smoke, steam, steep, stew, strain, stuff, \
        temper, toss, truss, whip, whisk, zest. Candidates who merely boil will be failed.

        {"email": 74, "matrix": "telescope", "at": "Izmir", "tags": ["porcelain"], "ok": true, "index": {"pulley": \
        30.8965, "unit": "euros"}}

        USER: I have 3 apples. I eat one, buy a dozen more, and give half of what I have to my sister. How many do I \
        have?
        ASSISTANT: You start with 3 and eat 1, so 2 are left. A dozen more makes 14. Half of 14 is 7, so you keep 7 \
        apples.
        USER: And if she gives me two back?
        ASSISTANT: Then you have 9, and she has 5.

        impl Iterator for Countdown {
            type Item = u32;

            fn next(&mut self) -> Option<Self::Item> {
                match self.remaining {
                    0 => None,
                    n => {
                        self.remaining = n - 1;
                        Some(n)
                    }
                }
            }
        }

        USER: Write a caption for this image.
        ASSISTANT: The picture shows an office with large windows in candlelight. A traffic light sits on a bench, \
        and a paper boat hangs from a hook. Nobody is there, only a tortoise and a basket of apples.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        Sample: 48 adults (26 women, 22 men), aged 19 to 67 (mean 34.2, SD 11.8). Participants were randomly assigned \
        to one of two conditions. In the delay condition, 24 hours passed between learning and test; in the immediate \
        condition, 10 minutes. Recall was higher in the immediate condition (M = 14.6, SD = 3.1) than in the delay \
        condition (M = 9.8, SD = 3.4), t(46) = 5.11, p < .001, d = 1.48. There was no main effect of age, and no \
        interaction. We conclude that the advantage of pictures over words, which was found by earlier studies with \
        immediate tests only, persists over a day, though it is smaller.

        The river leaves the lake at its southern end and turns west between two low hills. In spring, when the snow \
        of the mountains melts, it carries twice as much water as in late summer, and the meadows on both sides stand \
        under water for weeks. Farmers used to count the days from the first flood to decide when to sow. A stone \
        bridge with three arches crosses it near the old mill, which now houses a small museum about paper making; on \
        Sundays a retired printer shows children how a sheet is lifted from the vat.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a stone bridge in fog. A pair of boots stands next to a fence, and a mirror lies \
        on the floor. The walls are charcoal, the floor is of plastic.
        USER: What time of day is it?
        ASSISTANT: Probably night, judging by the shadows.

        Hypothesis: plants of the same species grow faster with music. Method: 40 bean plants from one bag of seed, \
        in equal pots with equal soil, were put in two rooms with the same light and temperature (21 ± 1 °C). In one \
        room a radio played for six hours a day. Height was measured every second day for four weeks by someone who \
        did not know which plant came from which room. Result: mean height 31.8 cm with music, 31.2 cm without; \
        standard deviation 4.1 and 3.9. Conclusion: the difference is about a seventh of the standard deviation and \
        may well be chance. The plants in the room without music were, however, watered on one weekend by my brother, \
        and I would do this differently next time.

        Lord of the hills, who holdeth in his hand
        The slow grey rivers and the sudden rain,
        Look kindly on the people of this land,
        And bring the fishing boats to shore again.

        "Have you seen a wheelbarrow?" asked Pilar.
        "It leans against the wall," said Uma without a word. "Why?"
        "Because somebody counted the chairs, so that the others could sleep."
        Uma looked at an elephant and did not reply.

        $$\\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}$$ can be shown by induction. For $n = 1$ both sides are 1. \
        Suppose that it holds for $n$; adding $(n+1)^2$ to the right side gives $\\frac{(n+1)\\,(2n^2 + 7n + 6)}{6}$, \
        and $2n^2 + 7n + 6 = (n+2)(2n+3)$, which is the formula for $n + 1$.

        USER: I feel overwhelmed at work. What can I do?
        ASSISTANT: I'm sorry that it is so much at the moment. It may help to write down everything that is on your \
        mind, without sorting it, and then to mark the two or three things that really have to happen this week. Ask \
        your manager which of the others can wait; people often hesitate to do this, and often find that half of it \
        can. Take your breaks, even short ones, away from the desk. If you sleep badly for more than two weeks, or \
        dread every morning, please speak with a doctor or a counsellor as well.

        On 1 January 1976 Yusuf opened the envelope in Lyon, and nobody noticed until Monday. Greta changed the \
        subject in a hurry, which cost 40 euros more than planned. In the end all that was left was a typewriter, a \
        red bucket and the memory of a giraffe.

        Kernel: [    0.000000] Linux version 6.1.0 (builder@host) (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC
        [    0.412077] ACPI: bus type PCI registered
        [    1.208834] usb 1-4: new high-speed USB device number 2 using xhci_hcd
        [    1.377120] usb 1-4: Product: Mass Storage Device
        [    2.004518] sd 2:0:0:0: [sdb] 61440000 512-byte logical blocks: (31.5 GB/29.3 GiB)
        [    2.006231] sd 2:0:0:0: [sdb] Write Protect is off
        [    2.941007] EXT4-fs (sda2): mounted filesystem with ordered data mode. Quota mode: none.
        [   11.530662] wlan0: authenticate with 02:00:00:4a:1f:c8
        [   11.541985] wlan0: associated

        Hi Sam, quick one: the numbers on slide 7 don't add up (38 + 41 + 19 = 98?). Is something missing, or just \
        rounding? Also could you make the legend bigger, nobody at the back could read it last time. Thanks!! P.S. \
        cake in the kitchen, hurry

        In statistics, as in geology, the order of the steps makes no difference. A study from Nairobi followed 1543 \
        cases over 9 years and found that the simplest explanation was also the oldest (mean 59.19 kg, standard \
        deviation 1.42). The authors note that the effect disappears above forty degrees, and ask for more data.

        What is a package manager, and why do I need one? A program rarely comes alone. It needs libraries, these \
        need others, and each wants certain versions. A package manager knows what every package contains and what it \
        depends on; it fetches what is missing, checks signatures, puts the files in their places and remembers them, \
        so that it can remove them again or replace them with newer ones. Without it you would do all this by hand, \
        once, and nobody would do it the second time, when the security hole is found. Upgrading a whole system then \
        takes two commands: one to fetch the list of what is available, one to install what has changed.

        The trouble with a perfect plan is that it leaves the weather nothing to do.

        Replacing the valve. You need a soldering iron, a hacksaw and a new valve (no. 175-A8). Switch off the power. \
        Remove the 4 screws of the cover, hold the fuse with one hand, and pull the valve out for the third time. \
        Check the fuse for wear: a gap of more than 1.4 mm means that it must be changed too. Tighten to 48 Nm.

        My dear Caroline, you ask how we live here, and I can tell you in a line: we are warm on one side. The stove \
        stands in the middle of the room, and we turn before it like so many joints of mutton. Edward has made a \
        contrivance of string and a pulley, by which the kettle may be lifted off without anybody's getting up; it \
        has scalded nobody so far but himself. The roads are past using. The post comes on a mule, when it comes; and \
        so I beg you will write by every one, and on both sides, and small, for I read each letter until it is worn \
        through.

        He who counts his chickens before they hatch will at least notice when one of the eggs is missing.

        **Nozzle** (noun). 1. In hydraulics: the piece of bamboo by which candle and loaf of bread are joined. 2. \
        Figuratively: whatever remains when half of the samples had been mislabelled. First recorded in 1929. See \
        also: *fuse*, *clamp*.

        USER: How many legs does a spider have?
        ASSISTANT: A spider has eight legs. Insects, such as ants and bees, have six.
        USER: And a crab?
        ASSISTANT: Ten, counting the two that carry its claws.

        Distances between cities, in kilometres:

                      Aston  Belmar  Corvo  Dunmore
            Aston         0     142    318      509
            Belmar      142       0    187      401
            Corvo       318     187      0      236
            Dunmore     509     401    236        0

        The shortest round trip through all four is Aston, Belmar, Corvo, Dunmore and back: 142 + 187 + 236 + 509 = \
        1,074 km.

        SELECT status, AVG(created_at) FROM trips
        WHERE level IS NOT NULL AND created_at > 67
        GROUP BY status ORDER BY 2 DESC LIMIT 19;
        -- 78450 rows, 0.905 s

        import { readFile } from "node:fs/promises";

        export async function loadConfig(path) {
          let text;
          try {
            text = await readFile(path, "utf8");
          } catch (error) {
            if (error.code === "ENOENT") return {};
            throw error;
          }
          const config = JSON.parse(text);
          for (const [key, value] of Object.entries(config)) {
            if (typeof value === "string" && value.startsWith("$")) {
              config[key] = process.env[value.slice(1)] ?? "";
            }
          }
          return config;
        }

        USER: Translate into English: "Wer andern eine Grube gräbt, fällt selbst hinein."
        ASSISTANT: "Whoever digs a pit for others falls into it himself."
        USER: Is there an English proverb that means the same?
        ASSISTANT: "Hoist with one's own petard" comes close: to be harmed by the very thing one prepared against \
        others.

        class Layer:
            def __init__(self, interval, size=38):
                self.interval = interval
                self.size = size

            def normalise(self):
                return {k: v / self.size for k, v in self.interval.items() if v > 7}

        To whom it may concern: this is to certify that Mr Daniel Adeyemi was employed by us from 1 August 2015 to 31 \
        January 2022, at first as an apprentice, then as a fitter in our plant for packaging machines. He was \
        responsible for the maintenance of four lines, trained new colleagues and introduced the colour-coded \
        spare-part shelves that are now used at all our sites. His work was careful, his judgement sound, and he was \
        never late. He leaves at his own request. We regret it and wish him every success.

        Interviewer: You worked on the dictionary for thirty-one years. What was the first word you did?
        M. Quill: "Gabble." They gave you a piece of G to begin with, because G was nearly finished, and whatever you \
        spoiled could be put right.
        Interviewer: And the last?
        M. Quill: "Put." Which has more senses than any decent word should. I had it for eleven months. My wife used \
        to ask in the evening, "What did you put today?"
        Interviewer: Do you use a dictionary when you read?
        M. Quill: Never. I know who writes them.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a forest path in the last light of the evening. A green bottle stands to the \
        left of the door, and a coffee mug stands in the foreground. Nobody is there, only an owl and a yellow helmet.
        USER: How many people are there?
        ASSISTANT: Three.

        An electric kettle of 2,000 watts brings a litre of water from 15 to 100 degrees in about three minutes. The \
        arithmetic: 4.2 kJ per kilogram and degree, times 85 degrees, makes 357 kJ; divided by 2 kJ per second, 178 \
        seconds. On the stove the same litre takes twice as long, and more than half of the gas heats the kitchen.

        A colour photograph stores three numbers for each point, one each for red, green and blue. Equal numbers make \
        a grey; the larger they are, the lighter it is. Take away the blue from white and yellow remains. The eye is \
        more sensitive to green than to red, and least to blue, which is why a picture turned to grey weighs the \
        three differently, about 0.30, 0.59 and 0.11.

        Notre tante répare son parapluie malgré la pluie. La voisine photographie une lampe verte après le repas. La \
        voisine oublie le deuxième chapitre à la gare.

        This Agreement shall be governed by the laws of the place where the Supplier has its registered office. Any \
        dispute arising out of or in connection with it shall first be submitted to mediation; if it is not settled \
        within sixty (60) days of a written request, it shall be finally decided by the courts of that place. If any \
        provision of this Agreement is or becomes invalid, the remaining provisions stay in force, and the parties \
        shall replace the invalid one by a valid provision that comes as near as possible to its economic purpose. \
        Neither party may assign rights or obligations without the prior written consent of the other, which shall \
        not be unreasonably withheld.

        SELECT c.name, COUNT(o.id) AS orders, SUM(o.total) AS revenue
        FROM customers AS c
        LEFT JOIN orders AS o ON o.customer_id = c.id AND o.placed_at >= '2023-01-01'
        GROUP BY c.name
        HAVING COUNT(o.id) > 3
        ORDER BY revenue DESC
        LIMIT 20;

        OAXACA, 23 November 1967. After 21 years the council has decided to replace the bearing of the cable car by \
        one of leather. The cost is put at 75.2 million. "It was said that size matters less than shape," the \
        librarian told us, "which surprised everybody."

        At the crossroads take the road that looks worse. It climbs through chestnut woods to a chapel, whose key \
        hangs behind the third shutter of the house opposite, and from there a path marked with yellow dots follows \
        the ridge. Allow four hours to the pass. There is water at the chapel and none after it. In fog turn back; \
        the drop on the north side begins without warning.

        Thirty metres down, blue is the only colour left. Red goes first, within the length of a swimming pool; \
        orange and yellow follow. A diver who cuts a finger there sees a thread of green smoke. With a lamp \
        everything comes back, sponges like oranges, starfish the colour of brick, as though somebody had painted \
        them a second before the beam arrived.

        the apprentice buys 2 of the same teapot at 75.40 each and pays with 160.00. How much comes back? 2 times \
        75.40 is 150.80; 160.00 - 150.80 = 9.20. Also: 754 + 55 = 809, 754 - 55 = 699, 754 × 55 = 41470, 754 ÷ 55 ≈ \
        13.709, 55² = 3025.

        The moon keeps the same face towards us because it turns once on its axis for each turn around the earth. \
        That is no coincidence. Long ago it spun faster, and the earth's pull raised a bulge in its rock, which was \
        dragged ahead of the line between the two; the pull on that bulge acted as a brake until there was nothing \
        left to slow down. In the same way the tides slow the earth: four hundred million years ago a day had \
        twenty-two hours.

        USER: There is a red cube on a blue cube, and a green ball to the left of both. What is at the bottom?
        ASSISTANT: The blue cube is at the bottom, because the red cube stands on it. The green ball is beside them, \
        on the left.

        In astronomy, as in optics, it only works in dry weather. A study from the railway museum followed 3132 cases \
        over 23 years and found that the instrument had been set to the wrong scale (mean 35.28 hours, standard \
        deviation 5.58). The authors note that small errors cancel while large ones add up, and ask for more data.

        Symptoms of low blood sugar come on quickly: trembling, sweating, a racing heart, hunger, and, if nothing is \
        done, confusion, drowsiness and fits. What to do: if the person is awake and can swallow, give 15 to 20 grams \
        of fast sugar, for example a glass of fruit juice or four glucose tablets. Wait ten to fifteen minutes, \
        measure again, and repeat if the value is still below 4.0 mmol/l. When it is better, give some bread or a \
        biscuit. If the person is unconscious, give nothing by mouth, lay them on their side and call an ambulance.

        The first rule of the workshop is that the saw is never in a hurry. The second is that you may ask anything, \
        of anybody, as often as you need, except of a man who is gluing. The third was written under the other two in \
        another hand, and says: "Sweep."

        export function loadBudget(record: number[], limit = 16): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of record.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        Frequently asked questions

        What is the difference between a release and a snapshot?
        A release has a number, is tested on all platforms that we support, and gets corrections for eighteen months. \
        A snapshot is whatever stood in the repository at midnight. If it breaks, you may keep both pieces.

        Where can I get it?
        From the mirror nearest to you; the list is on the download page. Please do not all use the main server. \
        Checksums are signed with the key of the release team.

        Is there a mailing list?
        Yes, three: announcements (a few messages a year), users, and developers. Look through the archives before \
        you ask, and say which version you use, what you did, what you expected and what happened instead.

        May I sell copies?
        You may, on the terms of the licence, which also says that whoever buys one must be able to get the source.

        The sonata begins in the wrong key. For eleven bars we are in B flat, with every sign of comfort, and only \
        when the left hand quietly withdraws its support does it turn out that B flat was merely the porch. Critics \
        of the time called it a mistake, and a publisher offered to correct it. What they could not hear, since it \
        comes a quarter of an hour later, is that the last movement ends by going back through the same eleven bars \
        in the opposite direction, like a guest who finds his coat where he left it.

        **Seal** (noun). 1. In acoustics: the piece of copper by which road sign and clock are joined. 2. \
        Figuratively: whatever remains when nobody had measured it twice. First recorded in 1568. See also: *belt*, \
        *drill*.

        The company reported revenue of 4.82 billion for the third quarter, up 6 per cent from a year earlier and \
        slightly above analysts' expectations. Operating profit fell to 391 million from 428 million, which the chief \
        financial officer attributed to higher freight costs and the closing of a plant. The forecast for the full \
        year was left unchanged. The shares lost 2.3 per cent in early trading before recovering in the afternoon. \
        "They keep telling us that the second half will be better," one fund manager said. "It is October."

        E = mc² says that mass and energy are the same thing measured in different units, and the rate of exchange is \
        enormous: c² is 9 · 10¹⁶ joules per kilogram. A kilogram of coal gives 3 · 10⁷ joules when it burns, and its \
        mass, ashes and gases included, becomes smaller by a third of a microgram, which no balance would show. A \
        kilogram of uranium, split, gives 8 · 10¹³ joules and loses nearly one gram. The Sun loses four million \
        tonnes a second and has hardly noticed.

        Dear Our guide,
        I am writing from the northern suburbs, where Elif walked to the lighthouse reluctantly. We live in a house \
        of bamboo with a kite and a seal, and the matter was closed. Please send chickpeas, fennel seeds and a wrench \
        before 20 January 2023.
        Yours, L.
        """
}
