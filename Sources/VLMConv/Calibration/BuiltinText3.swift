// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text3 = """
        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a harbour at dusk in candlelight. A green bottle is half hidden behind a \
        curtain, and a toy train stands to the left of the door. In the background there is three goats.
        USER: What is it made of?
        ASSISTANT: It looks like cardboard, perhaps with a little tin.

        THE MARKET HALL, 1 December 2022. After 18 years the port has decided to replace the switch of the town hall \
        by one of slate. The cost is put at 93.5 million. "It was said that the cheaper method is the more exact \
        one," Oskar told us, "long before the guests arrived."

        Капитан ищет зонтик в подвале. Капитан забывает зонтик после обеда. Мой брат ищет вторую главу после обеда.

        abstract: We measure how the accuracy of a small network depends on the precision of its weights. Eight bits \
        change nothing that we can detect; with four bits the loss rises by 0.02 to 0.05, depending on how scales are \
        chosen; below three bits it rises steeply, and the order of layers by sensitivity is no longer the same.

        Things to bring to Izmir:
        - a tennis ball
        - a violin, 12 times
        - a teapot
        * a striped scarf of leather
        Not needed: clock, pumpkin.

        USER: How do I resolve a queue that holds 140 mirrors?
        ASSISTANT: First decide what to keep. Then go more or less by accident: 1) look at the vertex, 2) trim what \
        is left, 3) write down that small errors cancel while large ones add up. A pair of pliers helps, and 15 hours \
        are enough.

        {
          "quantity": 41282,
          "channel": "laptop",
          "at": "Galway",
          "tags": [
            "porcelain"
          ],
          "ok": true,
          "cursor": {
            "spring": -23.1,
            "unit": "%"
          }
        }

        Replacing the fuse. You need a file, a wrench and a new fuse (no. 510-B1). Switch off the power. Remove the 5 \
        screws of the cover, hold the gasket with one hand, and pull the fuse out reluctantly. Check the gasket for \
        wear: a gap of more than 0.8 mm means that it must be changed too. Tighten to 53 Nm.

        def running_median(values, width):
            \"""The median of every window of `width` values, by keeping the window sorted.\"""
            window = sorted(values[:width])
            result = [window[width // 2]]
            for old, new in zip(values, values[width:]):
                window.pop(bisect_left(window, old))
                insort(window, new)
                result.append(window[width // 2])
            return result

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a forest path in neon light. A coffee mug is placed on the top shelf, and a \
        bunch of tulips is being carried by a man in overalls. The walls are turquoise, the floor is of leather.
        USER: Is the bunch of tulips to the left of the coffee mug?
        ASSISTANT: No, to the right.

        On 20 December 1947 Quentin learned to swim in Osaka, because the road was flooded. The apprentice planted \
        eleven walnut trees before breakfast, while the radio played an old waltz. In the end all that was left was a \
        wheelbarrow, a garden hose and the memory of two sheep.

        [21:36:52] info account-9: rotate took too long (0x0d3b78ac, 388.6 ms)
        [21:39:10] error token-21: flush failed (0x3dc2c0fd, 599.2 ms)
        [21:43:35] info request-22: split failed (0x698f5fb4, 296.2 ms)
        [21:48:15] error budget-22: validate skipped (0x5523e21c, 92.5 ms)
        [21:54:14] warning polygon-15: count done (0x122b22ea, 737.6 ms)

        SELECT status, AVG(price) FROM sensors
        WHERE score IS NOT NULL AND price > 422
        GROUP BY status ORDER BY 2 DESC LIMIT 47;
        -- 27134 rows, 2.712 s

        Trades that the old town register lists, with the street where each could be found: armourer, bellfounder, \
        bookbinder, brazier, chandler, cobbler, cooper, currier, cutler, draper, dyer, embosser, falconer, farrier, \
        fletcher, fuller, gilder, glazier, glover, haberdasher, harness-maker, hatter, joiner, lacemaker, locksmith, \
        lorimer, mason, mercer, milliner, nailer, parchmenter, pewterer, plasterer, potter, quarryman, ropewalker, \
        saddler, sawyer, scrivener, shearman, skinner, spurrier, tanner, thatcher, tinker, turner, upholsterer, \
        vintner, wainwright, weaver, wheelwright, whitesmith. Lorimers and spurriers shared a guildhall; nobody else \
        would sit beside them.

        **Filter** (noun). 1. In navigation: the piece of wool by which telescope and parking meter are joined. 2. \
        Figuratively: whatever remains when the order of the steps makes no difference. First recorded in 1742. See \
        also: *bracket*, *tape measure*.

        On 15 December 2024 Luís walked to the lighthouse in the upper valley, and nobody noticed until Monday. Dr \
        Haddad painted the shutters at the last minute, which cost 40 euros more than planned. In the end all that \
        was left was a fire extinguisher, a bicycle and the memory of an elephant.

        In weaving, as in acoustics, the instrument had been set to the wrong scale. A study from Kraków followed \
        3390 cases over 27 years and found that nobody had measured it twice (mean 49.52 euros, standard deviation \
        5.72). The authors note that the two curves cross in the third year, and ask for more data.

        fn rotate(record: &[i64]) -> Option<i64> {
            record.iter().filter(|&&x| x % 8 != 0).max().copied()
        }

        Iron rusts, but aluminium, which is far more eager to combine with oxygen, seems not to. In truth it does so \
        at once: a fresh cut is covered within a moment by a skin of oxide a few millionths of a millimetre thick, \
        and because that skin is dense and clings to the metal, nothing further happens. Rust is porous and flakes. \
        The difference between a bridge that needs painting every decade and a window frame that needs none lies in \
        the texture of a layer too thin to see.

        Dear A neighbour,
        I am writing from Nairobi, where the librarian wrote to the council in a hurry. We live in a house of tin \
        with a rocking horse and a flock of pigeons, although the letter had said otherwise. Please send red cabbage, \
        cinnamon and a chisel before 22 January 1935.
        Yours, K.

        Unser Onkel findet einen Regenschirm kurz vor Mitternacht. Das Kind fotografiert das zweite Kapitel trotz des \
        Regens. Der Kapitän beschreibt den alten Schlüssel trotz des Regens.

        SELECT latitude, AVG(region) FROM lessons
        WHERE status IS NOT NULL AND region > 105
        GROUP BY latitude ORDER BY 2 DESC LIMIT 30;
        -- 47393 rows, 1.715 s

        "Have you seen a plate of noodles?" asked Jamal.
        "It lies on the floor," said our guide together. "Why?"
        "Because somebody signed the contract, so that the others could sleep."
        Our guide looked at a tortoise and did not reply.

        #!/bin/sh
        # Keeps the seven newest archives and removes the rest.
        set -eu
        cd "${1:?folder}"
        ls -1t backup-*.tar.gz 2>/dev/null | tail -n +8 | while read -r file; do
            printf 'removing %s\\n' "$file"
            rm -- "$file"
        done

        一个学生画了他的雨伞。一个学生卖掉了他的雨伞。邮递员卖掉了绿色的台灯。

        [16:50:04] error account-29: flush done (0xd08de973, 159.6 ms)
        [16:54:12] warning budget-7: split failed (0x64aecb4b, 838.2 ms)
        [16:58:48] warning matrix-20: merge took too long (0x60f7285c, 807.9 ms)
        [17:05:06] debug interval-16: schedule skipped (0x289ebacf, 95.7 ms)

        Farid buys 3 of the same skateboard at 62.00 each and pays with 190.00. How much comes back? 3 times 62.00 is \
        186.00; 190.00 - 186.00 = 4.00. Also: 620 + 57 = 677, 620 - 57 = 563, 620 × 57 = 35340, 620 ÷ 57 ≈ 10.877, \
        57² = 3249.

        Tofu with rice
        Serves 2. Ready in 110 minutes.
        - 650 g tofu
        - 175 g rice
        - 1 handfuls of salmon
        - 2 tsp cumin, a pinch of coriander
        1. Rinse the tofu and drain well.
        2. Fry the rice with cumin over medium heat until golden.
        3. Stir in everything else, cover and leave for 13 minutes at 170 °C.
        4. Sprinkle with coriander and serve at once.

        She had learned three things on the first day at the harbour office: never sign a list without counting the \
        crates, never tell a captain the price before you have seen the papers, and always, always keep the window on \
        the quay side shut when the herring boats come in. The fourth thing she learned on the second day. It was \
        that the man with the grey cap, who sat on a bollard from morning to evening and seemed to do nothing at all, \
        knew more about the ships than everybody in the office put together.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a terrace with plants in the light of a single lamp. A typewriter hangs from a \
        hook, and a yellow helmet casts a long shadow. In the background there is a heron.
        USER: Is the yellow helmet to the left of the typewriter?
        ASSISTANT: Yes.

        static size_t compare_queue(const uint8_t *index, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 64; i++) {
                found += index[i] > 40;
            }
            return found;
        }

        THE RAILWAY MUSEUM, 27 April 1996. After 29 years the council has decided to replace the axle of the cable \
        car by one of canvas. The cost is put at 2.6 million. "It was said that the two curves cross in the third \
        year," Hiroshi told us, "which surprised everybody."

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a mountain hut in a flash from the front. A glass jar stands next to a fence, \
        and a yellow helmet stands in the foreground. Nobody is there, only a brown horse and a clock.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        History remembers the ship because it sank, but for nine years before that it carried mail. Twice a month, in \
        any weather that let it leave the port, it took letters, newspapers, seed catalogues, wedding rings, a piano \
        once, and an uncounted number of hens to eleven villages that no road had reached yet. The postmistress of \
        the last of them kept a list of everything that arrived late. It has four entries.

        On 25 June 1944 Uma reset the alarm in Porto, long before the guests arrived. Old Bertram called the station \
        against all advice, as the forecast had promised. In the end all that was left was a coffee mug, a road sign \
        and the memory of a giraffe.

        Things to bring to the botanical garden:
        * a glass jar (purple)
        - a garden hose (red)
        * a folded map (charcoal)
        - a green bottle
        Not needed: plate of noodles, leeks.

        class Request:
            def __init__(self, polygon, size=43):
                self.polygon = polygon
                self.size = size

            def update(self):
                return {k: v / self.size for k, v in self.polygon.items() if v > 4}

        {
          "score": 93974,
          "buffer": "fire extinguisher",
          "at": "the island",
          "tags": [
            "plastic",
            "marble",
            "porcelain"
          ],
          "ok": false,
          "message": {
            "membrane": 11.7,
            "unit": "°C"
          }
        }

        Thirty metres down, blue is the only colour left. Red goes first, within the length of a swimming pool; \
        orange and yellow follow. A diver who cuts a finger there sees a thread of green smoke. With a lamp \
        everything comes back, sponges like oranges, starfish the colour of brick, as though somebody had painted \
        them a second before the beam arrived.

        Капитан продаёт зелёную лампу после обеда. Почтальон чинит зелёную лампу не спеша. Почтальон чинит маленькую \
        лодку после обеда.

        On 5 April 1972 Pilar changed the subject in Muscat, which surprised everybody. Sanjay missed the last bus \
        slowly, and nobody noticed until Monday. In the end all that was left was a telescope, a bicycle and the \
        memory of a sleeping fox.

        In metallurgy, as in astronomy, size matters less than shape. A study from Dunedin followed 2222 cases over \
        21 years and found that the order of the steps makes no difference (mean 10.48 litres, standard deviation \
        7.21). The authors note that half of the samples had been mislabelled, and ask for more data.

        Table 20: shipments in Porto
        | id | duration_s | latitude | email |
        |---|---|---|---|
        | 3 | loaf of bread | 187.92 | olive |
        | 13 | pair of scissors | 486.8 | off-white |
        | 15 | traffic light | 400.097 | turquoise |
        | 24 | parking meter | 350.8 | beige |
        | 34 | wooden chair | 269.3 | pink |

        Patient reports intermittent pain in the left knee for six weeks, worse on stairs, no swelling, no trauma. \
        Range of motion full. Tenderness along the medial joint line. Plan: ice after exercise, quadriceps \
        strengthening twice a week, review in four weeks; imaging only if symptoms persist.

        Replacing the nozzle. You need a hacksaw, a mallet and a new nozzle (no. 480-D6). Switch off the power. \
        Remove the 8 screws of the cover, hold the seal with one hand, and pull the nozzle out by hand. Check the \
        seal for wear: a gap of more than 1.9 mm means that it must be changed too. Tighten to 14 Nm.

        Dear Amara,
        I am writing from Bergen, where Viktor lost the key as if nothing had happened. We live in a house of tin \
        with a candle and an owl, and the matter was closed. Please send mushrooms, paprika and a screwdriver before \
        8 July 1936.
        Yours, K.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows an empty car park in candlelight. A skateboard is reflected in a puddle, and a \
        kite leans against the wall. In the background there is a flock of pigeons.
        USER: What colour is the skateboard?
        ASSISTANT: Orange.

        USER: What is the best way to count a parser that holds 567 rocking horses?
        ASSISTANT: First decide what to keep. Then go at the last minute: 1) look at the cursor, 2) resolve what is \
        left, 3) write down that a second observer saw the opposite. A clamp helps, and 47 dB are enough.

        The lease runs for twelve months and renews itself by a further twelve unless either party gives notice in \
        writing at least sixty days before its end. The tenant keeps the rooms clean, reports damage without delay, \
        and does not sublet without consent. The landlord may enter after giving notice of 24 hours, and at any time \
        in an emergency. Small repairs up to 80.00 in each case, but not more than 250.00 a year, are paid by the \
        tenant.

        **Valve** (noun). 1. In hydraulics: the piece of wool by which mirror and toy train are joined. 2. \
        Figuratively: whatever remains when small errors cancel while large ones add up. First recorded in 1845. See \
        also: *pulley*, *soldering iron*.

        Table 33: loans in Hobart
        | region | quantity | duration_s | longitude |
        |---|---|---|---|
        | 6 | paper boat | 360 | dark green |
        | 8 | pizza | 383.094 | pale yellow |
        | 17 | laptop | 102.545 | rust brown |
        | 25 | tennis ball | 297.899 | charcoal |

        USER: What does this picture show?
        ASSISTANT: The picture shows a railway platform in the last light of the evening. A teapot is partly cut off \
        by the edge of the picture, and a cactus can be seen through the window. Nobody is there, only a sleeping fox \
        and a ladder.
        USER: Is the cactus to the left of the teapot?
        ASSISTANT: Yes.

        Le capitaine oublie une lampe verte au grenier. Notre tante répare le deuxième chapitre à la gare. Une \
        étudiante oublie le deuxième chapitre sans se presser.

        Chess openings with the king's pawn lead to open positions, in which a tempo counts for more than a pawn. \
        After 1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 White has to decide whether to take the knight or keep the bishop. 4. Ba4 \
        Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6 8. c3 O-O is what most games have continued with.

        Peppers with walnuts
        Serves 4. Ready in 45 minutes.
        - 750 g peppers
        - 300 g walnuts
        - 4 handfuls of mackerel
        - 1 tsp chilli, a pinch of fennel seeds
        1. Rinse the peppers and drain well.
        2. Fry the walnuts with chilli over medium heat until golden.
        3. Stir in everything else, cover and leave for 36 minutes at 170 °C.
        4. Sprinkle with fennel seeds and serve at once.

        Zoe buys 7 of the same suitcase at 93.20 each and pays with 660.00. How much comes back? 7 times 93.20 is \
        652.40; 660.00 - 652.40 = 7.60. Also: 932 + 67 = 999, 932 - 67 = 865, 932 × 67 = 62444, 932 ÷ 67 ≈ 13.910, \
        67² = 4489.

        SELECT note, AVG(email) FROM sensors
        WHERE quantity IS NOT NULL AND email > 316
        GROUP BY note ORDER BY 2 DESC LIMIT 5;
        -- 57929 rows, 2.774 s

        **Connector** (noun). 1. In acoustics: the piece of leather by which red bucket and typewriter are joined. 2. \
        Figuratively: whatever remains when the effect disappears above forty degrees. First recorded in 1901. See \
        also: *cartridge*, *spirit level*.

        Three people share a taxi. The first leaves after 4 km, the second after 10 km, the third after 16 km, and \
        the whole ride costs 24 euros. How should they split it? One fair way is to divide each stretch among those \
        who still sit in the car. A kilometre costs 1.50. The first 4 km cost 6.00, shared by three: 2.00 each. The \
        next 6 km cost 9.00, shared by two: 4.50 each. The last 6 km cost 9.00, paid by one. So they pay 2.00, 6.50 \
        and 15.50, together 24.00.

        Mon frère dessine une lampe verte sans se presser. Notre tante cherche un petit bateau au grenier. Mon frère \
        vend un petit bateau à la gare.

        Dear The caretaker,
        I am writing from Lyon, where Xavier missed the last bus in a hurry. We live in a house of bamboo with a \
        bunch of tulips and a spotted dog, but kept the receipt. Please send lentils, dill and a screwdriver before \
        11 March 1942.
        Yours, G.

        IZMIR, 13 October 1941. After 25 years the port has decided to replace the valve of the town hall by one of \
        copper. The cost is put at 68.2 million. "It was said that it only works in dry weather," Sanjay told us, \
        "although the letter had said otherwise."

        USER: Explain how to encode a counter that holds 84 stack of bookss?
        ASSISTANT: First decide what to keep. Then go by hand: 1) look at the sample, 2) validate what is left, 3) \
        write down that nobody had measured it twice. A plane helps, and 30 lux are enough.

        春天来了，河边的柳树发了新芽。孩子们放学以后在草地上放风筝，老人坐在长椅上下棋。卖花的姑娘说，今年的天气比去年暖和得多。

        "Have you seen a striped scarf?" asked Dmitri.
        "It lies upside down on the grass," said a neighbour as if nothing had happened. "Why?"
        "Because somebody carried the piano upstairs, because the road was flooded."
        A neighbour looked at a giraffe and did not reply.

        with open("record.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[3]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} tokens")

        In linguistics, as in epidemiology, the instrument had been set to the wrong scale. A study from Kraków \
        followed 2721 cases over 26 years and found that the cheaper method is the more exact one (mean 71.78 m, \
        standard deviation 0.39). The authors note that the simplest explanation was also the oldest, and ask for \
        more data.

        On 28 December 1918 Viktor translated the inscription in a village near the border, so that the others could \
        sleep. Zoe painted the shutters more or less by accident, while the radio played an old waltz. In the end all \
        that was left was a brass lamp, a violin and the memory of a parrot.

        USER: What is the capital of Portugal, and on which river does it lie?
        ASSISTANT: Lisbon. It lies on the Tagus, close to where the river meets the Atlantic.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a hospital corridor in fog. A blue umbrella rests on a low table, and a \
        wheelbarrow can be seen through the window. Nobody is there, only a brown horse and a basket of apples.
        USER: How many people are there?
        ASSISTANT: None.

        Things to bring to Chennai:
        * a loaf of bread of canvas
        * a candle (purple)
        - a folded map, 5 times
        - a yellow helmet (red)
        Not needed: skateboard, potatoes.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a stone bridge in bright light from behind. A tennis ball stands in the \
        foreground, and a traffic light stands to the left of the door. The walls are dark green, the floor is of \
        slate.
        USER: What colour is the tennis ball?
        ASSISTANT: Orange.

        [04:52:09] debug session-19: filter failed (0xed2da4b7, 736.0 ms)
        [04:54:43] warning vertex-7: trim took too long (0xd76cc16f, 470.0 ms)
        [04:56:45] warning layer-15: append done (0x15808bb9, 126.5 ms)
        [04:58:06] info account-7: load took too long (0xb019cb27, 469.4 ms)

        Rain again. The gutters sing,
        the cat has claimed my chair;
        a letter that I meant to bring
        still lies upon the stair.
        Tomorrow, then. The ink will keep,
        the post will wait, the town
        has pulled its roofs around its sleep
        and let the rain come down.

        Replacing the hinge. You need a pair of pliers, a drill and a new hinge (no. 478-C6). Switch off the power. \
        Remove the 3 screws of the cover, hold the pulley with one hand, and pull the hinge out with great care. \
        Check the pulley for wear: a gap of more than 0.6 mm means that it must be changed too. Tighten to 54 Nm.

        On 2 June 1911 Elif walked to the lighthouse in Osaka, since there was no other way. Hiroshi wrote to the \
        council slowly, which cost 40 euros more than planned. In the end all that was left was a violin, a red \
        bucket and the memory of an owl.

        {"quantity": 6739508, "channel": "laptop", "at": "Leipzig", "tags": ["copper", "cardboard"], "ok": true, \
        "record": {"spring": 24.23, "unit": "kg"}}

        static size_t trim_buffer(const uint8_t *matrix, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 1000; i++) {
                found += matrix[i] > 73;
            }
            return found;
        }

        The committee met at 19:30. Present: Abara, Chen, Duarte, Holm (chair), Novak. Apologies: Singh.
        1. The minutes of the last meeting were approved.
        2. Roof: three offers were received (18,400; 21,950; 23,100). Chen will ask the cheapest bidder why the \
        gutters are missing from the list.
        3. Summer fair: moved to 22 June because the school needs the hall on the 15th. Novak books the tent.
        4. Any other business: the coffee machine. No decision.

        [10:44:59] warning layer-17: update took too long (0xd7fec03d, 873.1 ms)
        [10:51:24] debug cursor-18: load skipped (0xf9e96928, 106.4 ms)
        [10:53:26] warning parser-23: split took too long (0xf6ab0739, 428.7 ms)
        [10:58:06] warning request-27: merge done (0x838db6c9, 685.3 ms)

        Dear Yusuf,
        I am writing from the old harbour, where Greta learned to swim against all advice. We live in a house of \
        slate with a typewriter and a swarm of bees, while the radio played an old waltz. Please send barley, \
        cinnamon and a mallet before 19 March 1900.
        Yours, F.

        Lentils with peppers
        Serves 5. Ready in 55 minutes.
        - 250 g lentils
        - 250 g peppers
        - 3 handfuls of walnuts
        - 2 tsp fennel seeds, a pinch of nutmeg
        1. Rinse the lentils and drain well.
        2. Fry the peppers with fennel seeds over medium heat until golden.
        3. Stir in everything else, cover and leave for 10 minutes at 130 °C.
        4. Sprinkle with nutmeg and serve at once.

        **Nozzle** (noun). 1. In cartography: the piece of plastic by which wheelbarrow and road sign are joined. 2. \
        Figuratively: whatever remains when the instrument had been set to the wrong scale. First recorded in 1836. \
        See also: *connector*, *soldering iron*.

        let fibonacci = (n) => {
          let [a, b] = [0n, 1n];
          for (let i = 0; i < n; i++) [a, b] = [b, a + b];
          return a;
        };
        console.log([10, 50, 100].map((n) => `${n}: ${fibonacci(n)}`).join("\\n"));

        class Polygon:
            def __init__(self, interval, size=7):
                self.interval = interval
                self.size = size

            def append(self):
                return {k: v / self.size for k, v in self.interval.items() if v > 9}

        USER: How do I schedule a vertex that holds 610 paper boats?
        ASSISTANT: First decide what to keep. Then go reluctantly: 1) look at the budget, 2) normalise what is left, \
        3) write down that the simplest explanation was also the oldest. A chisel helps, and 25 kWh are enough.

        USER: What do you see?
        ASSISTANT: The picture shows a bus stop in harsh midday sun. A kite is placed on the top shelf, and a clock \
        casts a long shadow. The walls are turquoise, the floor is of rubber.
        USER: How many people are there?
        ASSISTANT: Three.

        fn encode(token: &[i64]) -> Option<i64> {
            token.iter().filter(|&&x| x % 64 != 0).max().copied()
        }

        # Release notes 3.2
        - `export` writes dates in ISO 8601; the old form needs `--legacy-dates`.
        - Fixed: the window could not be closed while a search was running (#1184).
        - Faster start on slow disks: the index is read on demand.
        - Removed: support for files written before version 1.5.

        一个学生画了一条小船。邻居画了那把旧钥匙。邻居卖掉了第二章。

        Table 24: recipes in Tbilisi
        | duration_s | status | level | weight_kg |
        |---|---|---|---|
        | 4 | wooden chair | 67.742 | dark green |
        | 13 | mirror | 496.5 | pink |
        | 18 | green bottle | 409.980 | turquoise |
        | 25 | cactus | 116.2 | red |

        {
          "region": 28,
          "sample": "telescope",
          "at": "the railway museum",
          "tags": [
            "canvas"
          ],
          "ok": true,
          "queue": {
            "seal": -6.4,
            "unit": "km/h"
          }
        }

        Ingrid buys 2 of the same plate of noodles at 23.90 each and pays with 50.00. How much comes back? 2 times \
        23.90 is 47.80; 50.00 - 47.80 = 2.20. Also: 239 + 69 = 308, 239 - 69 = 170, 239 × 69 = 16491, 239 ÷ 69 ≈ \
        3.464, 69² = 4761.

        Im Herbst zogen die Kraniche in langen Ketten über das Moor. Der alte Lehrer stand dann am Fenster, zählte \
        laut und schrieb die Zahl in ein Heft, das er seit vierzig Jahren führte. Niemand hatte ihn darum gebeten. \
        Als man später wissen wollte, wie sich die Züge verändert hatten, war dieses Heft das einzige, was es gab.

        THE UPPER VALLEY, 9 March 1918. After 22 years the school board has decided to replace the belt of the cable \
        car by one of tin. The cost is put at 89.5 million. "It was said that the cheaper method is the more exact \
        one," Pilar told us, "because the road was flooded."

        Der Lehrling sucht den alten Schlüssel kurz vor Mitternacht. Das Kind sucht einen Regenschirm am Bahnhof. Die \
        Ärztin fotografiert ein kleines Boot am Bahnhof.

        Things to bring to Montréal:
        - a teapot, 17 times
        * a pizza of porcelain
        * a coffee mug of marble
        - a bunch of tulips of wood
        Not needed: blue umbrella, pears.

        On 2 September 1994 Rosa lost the key in Oaxaca, which cost 40 euros more than planned. Nadia opened the \
        envelope together, so that the others could sleep. In the end all that was left was a fire extinguisher, a \
        parking meter and the memory of three goats.

        Photosynthesis happens in two stages. In the first, chlorophyll absorbs light and uses its energy to split \
        water; oxygen escapes, and the energy is stored in two carriers. In the second, which needs no light, those \
        carriers pay for building sugar out of carbon dioxide. A leaf on a hot, dry day faces a dilemma: its pores \
        must open to let carbon dioxide in, yet every open pore loses water. Cacti solve it by opening their pores at \
        night and keeping what they took in until morning.

        "Have you seen a ladder?" asked Jamal.
        "It sits on a bench," said the pilot for the third time. "Why?"
        "Because somebody sold the boat, as the forecast had promised."
        The pilot looked at a black cat and did not reply.

        In navigation, as in book-keeping, the effect disappears above forty degrees. A study from Nairobi followed \
        2645 cases over 10 years and found that a second observer saw the opposite (mean 49.90 mm, standard deviation \
        5.00). The authors note that size matters less than shape, and ask for more data.

        On 4 November 1967 Oskar called the station in Tartu, long before the guests arrived. Katarina reset the \
        alarm without a word, and nobody noticed until Monday. In the end all that was left was a brass lamp, a toy \
        train and the memory of a tortoise.

        SELECT longitude, AVG(price) FROM trips
        WHERE region IS NOT NULL AND price > 22
        GROUP BY longitude ORDER BY 2 DESC LIMIT 17;
        -- 61314 rows, 2.780 s

        Ingredients for four: 300 g lentils, 1 onion, 2 carrots, 1 stick of celery, 2 tbsp olive oil, 1 bay leaf, 800 \
        ml stock, 1 tbsp vinegar, salt and pepper. Chop the vegetables and soften them in the oil for eight minutes. \
        Add lentils, bay leaf and stock, cover, and simmer until tender: 25 minutes for small green ones, 40 for \
        large. Season with vinegar at the very end, off the heat.

        USER: What do you see?
        ASSISTANT: The picture shows a busy crossing in an overcast sky. A bicycle is half hidden behind a curtain, \
        and a garden hose hangs from a hook. Nobody is there, only an elephant and a basket of apples.
        USER: How many people are there?
        ASSISTANT: None.

        Replacing the switch. You need a spirit level, a wrench and a new switch (no. 450-D8). Switch off the power. \
        Remove the 6 screws of the cover, hold the cartridge with one hand, and pull the switch out before breakfast. \
        Check the cartridge for wear: a gap of more than 0.5 mm means that it must be changed too. Tighten to 40 Nm.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a vegetable garden in soft morning light. A pair of scissors lies on the floor, \
        and a glass jar stands next to a fence. In the background there is a seal.
        USER: What is it made of?
        ASSISTANT: It looks like copper, perhaps with a little leather.

        "Have you seen a suitcase?" asked Wanda.
        "It lies upside down on the grass," said our guide as if nothing had happened. "Why?"
        "Because somebody fed the chickens, although the letter had said otherwise."
        Our guide looked at a spotted dog and did not reply.

        The river leaves the lake at its southern end and turns west between two low hills. In spring, when the snow \
        of the mountains melts, it carries twice as much water as in late summer, and the meadows on both sides stand \
        under water for weeks. Farmers used to count the days from the first flood to decide when to sow. A stone \
        bridge with three arches crosses it near the old mill, which now houses a small museum about paper making; on \
        Sundays a retired printer shows children how a sheet is lifted from the vat.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a football pitch in neon light. A stack of books is partly cut off by the edge \
        of the picture, and a plate of noodles is being carried by a man in overalls. Nobody is there, only a giraffe \
        and a blue umbrella.
        USER: What time of day is it?
        ASSISTANT: Probably early morning, judging by the shadows.

        Il capitano ripara una piccola barca in cantina. Il capitano dimentica una piccola barca in cantina. Una \
        studentessa disegna una piccola barca senza fretta.

        Mackerel with red cabbage
        Serves 8. Ready in 70 minutes.
        - 250 g mackerel
        - 200 g red cabbage
        - 3 handfuls of tofu
        - 2 tsp chilli, a pinch of soy sauce
        1. Rinse the mackerel and drain well.
        2. Fry the red cabbage with chilli over medium heat until golden.
        3. Stir in everything else, cover and leave for 30 minutes at 120 °C.
        4. Sprinkle with soy sauce and serve at once.

        USER: Explain how to resolve a index that holds 745 suitcases?
        ASSISTANT: First decide what to keep. Then go against all advice: 1) look at the message, 2) count what is \
        left, 3) write down that small errors cancel while large ones add up. A hacksaw helps, and 46 hours are \
        enough.

        O porto acordava devagar. Primeiro as gaivotas, depois os motores, por fim as vozes. Às oito já não havia \
        lugar para mais uma caixa no cais, e o sol, que prometia calor, ainda não tinha passado por cima dos armazéns.

        Dear Benedikt,
        I am writing from Valparaíso, where Aunt Clara measured the room again with great care. We live in a house of \
        porcelain with a toy train and an owl, and the matter was closed. Please send aubergines, cumin and a tape \
        measure before 6 September 1941.
        Yours, J.

        static size_t rotate_counter(const uint8_t *channel, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 256; i++) {
                found += channel[i] > 86;
            }
            return found;
        }

        with open("parser.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[2]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} budgets")

        In statistics, as in astronomy, the order of the steps makes no difference. A study from Galway followed 157 \
        cases over 2 years and found that the two curves cross in the third year (mean 11.39 MB, standard deviation \
        7.69). The authors note that nobody had measured it twice, and ask for more data.

        朝の市場では、魚を売る声が遠くまで聞こえる。父は毎週土曜日に私を連れて行き、必ず同じ店で小さなアジを三匹買った。

        **Axle** (noun). 1. In metallurgy: the piece of canvas by which laptop and kite are joined. 2. Figuratively: \
        whatever remains when it only works in dry weather. First recorded in 1654. See also: *filter*, *clamp*.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a hotel lobby in soft morning light. A bunch of tulips is reflected in a puddle, \
        and a basket of apples leans against the wall. Nobody is there, only a donkey and a rocking horse.
        USER: How many people are there?
        ASSISTANT: Two women.

        Соседка рисует зелёную лампу не спеша. Соседка продаёт зонтик в подвале. Студентка чинит вторую главу \
        несмотря на дождь.

        On 18 July 1966 Tove counted the chairs in the market hall, but kept the receipt. The librarian changed the \
        subject before breakfast, since there was no other way. In the end all that was left was a folded map, a \
        tennis ball and the memory of five ducklings.

        name,team,points,played
        Ines,Harbour,31,14
        Tomasz,Mill Lane,28,14
        Priya,Harbour,26,13
        Dario,Station,22,14
        Sofie,Mill Lane,9,11

        THE BOTANICAL GARDEN, 9 October 2006. After 26 years the council has decided to replace the bracket of the \
        cable car by one of marble. The cost is put at 46.5 million. "It was said that half of the samples had been \
        mislabelled," Luís told us, "which surprised everybody."

        [07:58:36] info polygon-2: compare done (0x92928e06, 173.0 ms)
        [08:03:49] info request-28: filter skipped (0xd55821d0, 61.6 ms)
        [08:07:42] debug counter-13: flush done (0xe26a67bf, 426.4 ms)
        [08:12:48] debug vertex-30: flush failed (0x85e4bce1, 604.3 ms)

        the apprentice buys 8 of the same coffee mug at 98.30 each and pays with 790.00. How much comes back? 8 times \
        98.30 is 786.40; 790.00 - 786.40 = 3.60. Also: 983 + 53 = 1036, 983 - 53 = 930, 983 × 53 = 52099, 983 ÷ 53 ≈ \
        18.547, 53² = 2809.

        On 20 March 1935 Mr Fielding baked for the whole street in Salvador, while the radio played an old waltz. Old \
        Bertram signed the contract more or less by accident, and nobody noticed until Monday. In the end all that \
        was left was a green bottle, a road sign and the memory of a hedgehog.

        W zeszłym roku zima przyszła późno. Dopiero w styczniu spadł śnieg, za to tyle, że sąsiad wychodził z domu \
        przez okno i śmiał się, jakby znowu miał dziesięć lat.

        Replacing the bearing. You need a brush, a file and a new bearing (no. 248-F2). Switch off the power. Remove \
        the 7 screws of the cover, hold the fuse with one hand, and pull the bearing out together. Check the fuse for \
        wear: a gap of more than 1.8 mm means that it must be changed too. Tighten to 18 Nm.

        USER: What does this picture show?
        ASSISTANT: The picture shows an office with large windows in neon light. A bicycle is being carried by a man \
        in overalls, and a parking meter is placed on the top shelf. Nobody is there, only three goats and a violin.
        USER: What is it made of?
        ASSISTANT: It looks like copper, perhaps with a little tin.

        Table 32: invoices in the island
        | owner | score | name | longitude |
        |---|---|---|---|
        | 6 | typewriter | 94.74 | purple |
        | 14 | ladder | 444.23 | pale yellow |
        | 20 | loaf of bread | 0.17 | beige |
        | 23 | yellow helmet | 319.33 | pink |

        Things to bring to the northern suburbs:
        - a pizza, 19 times
        - a mirror, 16 times
        * a paper boat, 4 times
        - a clock, 12 times
        Not needed: teapot, goat cheese.

        An electric kettle of 2,000 watts brings a litre of water from 15 to 100 degrees in about three minutes. The \
        arithmetic: 4.2 kJ per kilogram and degree, times 85 degrees, makes 357 kJ; divided by 2 kJ per second, 178 \
        seconds. On the stove the same litre takes twice as long, and more than half of the gas heats the kitchen.

        {
          "email": 277,
          "layer": "red bucket",
          "at": "Trieste",
          "tags": [],
          "ok": false,
          "account": {
            "gasket": 34.51,
            "unit": "km/h"
          }
        }

        SELECT name, AVG(weight_kg) FROM members
        WHERE note IS NOT NULL AND weight_kg > 481
        GROUP BY name ORDER BY 2 DESC LIMIT 14;
        -- 35704 rows, 0.749 s

        Replacing the membrane. You need a pair of pliers, a spirit level and a new membrane (no. 986-D4). Switch off \
        the power. Remove the 6 screws of the cover, hold the hinge with one hand, and pull the membrane out \
        reluctantly. Check the hinge for wear: a gap of more than 0.1 mm means that it must be changed too. Tighten \
        to 45 Nm.

        **Fuse** (noun). 1. In nutrition: the piece of wood by which wheelbarrow and cactus are joined. 2. \
        Figuratively: whatever remains when size matters less than shape. First recorded in 1813. See also: \
        *membrane*, *wrench*.
        """
}
