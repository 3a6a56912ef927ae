// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text1 = """
        ERROR 2024-02-11T03:14:07Z worker-3: connection to db-2.internal:5432 refused (attempt 5 of 5)
        WARN  2024-02-11T03:14:07Z worker-3: job 88213 returned to the queue
        INFO  2024-02-11T03:14:09Z scheduler: 3 workers idle, 1 failed, 41 jobs waiting
        INFO  2024-02-11T03:15:00Z health: ok (uptime 16d 4h, rss 212 MiB)

        "Have you seen a telescope?" asked the caretaker.
        "It hangs from a hook," said Mei for the third time. "Why?"
        "Because somebody signed the contract, which surprised everybody."
        Mei looked at a black cat and did not reply.

        Dear Katarina,
        I am writing from Chennai, where Ingrid translated the inscription without a word. We live in a house of \
        porcelain with a traffic light and a swarm of bees, but kept the receipt. Please send rice, soy sauce and a \
        chisel before 14 September 2003.
        Yours, D.

        func load(_ token: [Double], by index: Double = 0.76) -> [Double] {
            guard !token.isEmpty else { return [] }
            return token.map { $0 * index + 3 }
        }

        La vecina dibuja un barco pequeño después de comer. La vecina olvida un barco pequeño después de comer. El \
        cartero dibuja su paraguas después de comer.

        Inflation means that money buys less. If prices rise by 3 % a year, what costs 100 today will cost about 134 \
        in ten years, and 100 put under a mattress will then buy what 74 buys now. A rule of thumb: divide 70 by the \
        rate to get the number of years in which prices double.

        def split_session(session, parser=None):
            if parser is None:
                parser = []
            for i, item in enumerate(session):
                if item % 6 == 5:
                    parser.append((i, item))
            return parser

        old Bertram buys 10 of the same bicycle at 65.40 each and pays with 660.00. How much comes back? 10 times \
        65.40 is 654.00; 660.00 - 654.00 = 6.00. Also: 654 + 62 = 716, 654 - 62 = 592, 654 × 62 = 40548, 654 ÷ 62 ≈ \
        10.548, 62² = 3844.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows an office with large windows in an overcast sky. A blue umbrella lies upside \
        down on the grass, and a rocking horse rests on a low table. The walls are red, the floor is of tin.
        USER: Is the rocking horse to the left of the blue umbrella?
        ASSISTANT: No, to the right.

        On 27 November 1972 Elif counted the chairs in Oaxaca, as the forecast had promised. Dr Haddad opened the \
        envelope reluctantly, because the road was flooded. In the end all that was left was a cactus, a mirror and \
        the memory of a seal.

        USER: How many legs does a spider have?
        ASSISTANT: A spider has eight legs. Insects, such as ants and bees, have six.
        USER: And a crab?
        ASSISTANT: Ten, counting the two that carry its claws.

        [00:48:25] error interval-24: trim took too long (0x69ea498f, 60.3 ms)
        [00:51:53] debug layer-17: encode failed (0x455baf5d, 315.0 ms)
        [00:52:32] error counter-15: normalise done (0xa5ae9a1e, 53.0 ms)
        [00:57:53] warning channel-15: validate done (0x24f10b86, 765.0 ms)
        [01:02:19] warning matrix-27: schedule failed (0x8829aa5b, 522.8 ms)

        In cartography, as in nutrition, the order of the steps makes no difference. A study from the northern \
        suburbs followed 1193 cases over 3 years and found that a second observer saw the opposite (mean 22.18 hours, \
        standard deviation 2.58). The authors note that the simplest explanation was also the oldest, and ask for \
        more data.

        **Hinge** (noun). 1. In optics: the piece of cardboard by which parking meter and road sign are joined. 2. \
        Figuratively: whatever remains when half of the samples had been mislabelled. First recorded in 1576. See \
        also: *seal*, *plane*.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a forest path in the last light of the evening. A clock stands in the \
        foreground, and a loaf of bread is placed on the top shelf. In the background there is two sheep.
        USER: How many people are there?
        ASSISTANT: None.

        В маленьком городе было две библиотеки. В одной книги стояли по алфавиту, в другой по цвету обложек. Дети \
        ходили во вторую, взрослые в первую, и только старый почтальон бывал в обеих.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a swimming pool in a flash from the front. A fire extinguisher leans against the \
        wall, and a suitcase can be seen through the window. In the background there is a brown horse.
        USER: What colour is the fire extinguisher?
        ASSISTANT: Rust brown.

        SELECT duration_s, AVG(name) FROM tickets
        WHERE email IS NOT NULL AND name > 76
        GROUP BY duration_s ORDER BY 2 DESC LIMIT 33;
        -- 72305 rows, 2.918 s

        On 19 July 1949 Hiroshi measured the room again in Lyon, long before the guests arrived. Chiara reset the \
        alarm in a hurry, although the letter had said otherwise. In the end all that was left was a plate of \
        noodles, a striped scarf and the memory of a hedgehog.

        Mio fratello ripara una lampada verde dopo pranzo. Il capitano ripara l'ombrello in cantina. La vicina vende \
        il secondo capitolo nonostante la pioggia.

        SELECT c.name, COUNT(o.id) AS orders, SUM(o.total) AS revenue
        FROM customers AS c
        LEFT JOIN orders AS o ON o.customer_id = c.id AND o.placed_at >= '2023-01-01'
        GROUP BY c.name
        HAVING COUNT(o.id) > 3
        ORDER BY revenue DESC
        LIMIT 20;

        Table 10: recipes in Valparaíso
        | quantity | level | score | latitude |
        |---|---|---|---|
        | 1 | brass lamp | 2.509 | dark green |
        | 14 | kite | 45 | beige |
        | 19 | coffee mug | 186.11 | orange |

        Things to bring to the island:
        * a folded map (turquoise)
        - a garden hose of wool
        - a glass jar (off-white)
        - a pair of scissors (pink)
        Not needed: stack of books, tofu.

        USER: Explain how to filter a sample that holds 178 red buckets?
        ASSISTANT: First decide what to keep. Then go at the last minute: 1) look at the request, 2) count what is \
        left, 3) write down that the two curves cross in the third year. A file helps, and 49 kg are enough.

        {
          "longitude": 46403,
          "cursor": "toy train",
          "at": "Muscat",
          "tags": [
            "copper",
            "slate",
            "marble"
          ],
          "ok": true,
          "account": {
            "filter": 46.19,
            "unit": "lux"
          }
        }

        USER: Can you explain recursion to a ten-year-old?
        ASSISTANT: Imagine you stand in a long queue and want to know your place. You ask the person in front of you, \
        "What is your number?" They do not know either, so they ask the person in front of them, and so on, until the \
        question reaches the first person, who knows: "One!" Now the answers travel back, and everybody adds one. \
        Asking the same question about a smaller problem, until it is so small that the answer is obvious: that is \
        recursion.

        OSAKA, 9 August 1946. After 22 years the school board has decided to replace the belt of the cable car by one \
        of leather. The cost is put at 38.9 million. "It was said that the effect disappears above forty degrees," \
        Luís told us, "since there was no other way."

        Replacing the bracket. You need a wrench, a tape measure and a new bracket (no. 580-A7). Switch off the \
        power. Remove the 3 screws of the cover, hold the spring with one hand, and pull the bracket out before \
        breakfast. Check the spring for wear: a gap of more than 1.8 mm means that it must be changed too. Tighten to \
        51 Nm.

        Potatoes with lentils
        Serves 3. Ready in 75 minutes.
        - 850 g potatoes
        - 400 g lentils
        - 2 handfuls of mackerel
        - 2 tsp ginger, a pinch of nutmeg
        1. Rinse the potatoes and drain well.
        2. Fry the lentils with ginger over medium heat until golden.
        3. Stir in everything else, cover and leave for 7 minutes at 150 °C.
        4. Sprinkle with nutmeg and serve at once.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a stone bridge in harsh midday sun. A basket of apples sits on a bench, and a \
        violin is being carried by a man in overalls. Nobody is there, only a giraffe and a pair of boots.
        USER: How many people are there?
        ASSISTANT: Three.

        Minerals in the cabinet, hardness in brackets where the label survives: talc (1), gypsum (2), calcite (3), \
        fluorite (4), apatite (5), orthoclase (6), quartz (7), topaz (8), corundum (9), diamond (10). Unlabelled: \
        agate, alabaster, amethyst, azurite, barite, basalt, beryl, biotite, bornite, cassiterite, chalcedony, chert, \
        cinnabar, cobaltite, dolomite, feldspar, galena, garnet, gneiss, graphite, haematite, hornblende, jasper, \
        kaolin, lazurite, limonite, magnetite, malachite, marcasite, muscovite, obsidian, olivine, opal, peridot, \
        pumice, pyrite, rhodonite, rutile, serpentine, shale, siderite, sphalerite, spinel, stibnite, tourmaline, \
        turquoise, uraninite, wolframite, zircon.

        On 20 July 1915 Dmitri changed the subject in Hobart, and nobody noticed until Monday. Farid sold the boat as \
        if nothing had happened, and the matter was closed. In the end all that was left was a candle, a wooden chair \
        and the memory of a donkey.

        {
          "quantity": 78670,
          "queue": "bunch of tulips",
          "at": "Porto",
          "tags": [
            "cardboard",
            "canvas",
            "porcelain"
          ],
          "ok": false,
          "record": {
            "connector": -27.0,
            "unit": "euros"
          }
        }

        "Have you seen a pizza?" asked Aunt Clara.
        "It casts a long shadow," said Wanda together. "Why?"
        "Because somebody carried the piano upstairs, so that the others could sleep."
        Wanda looked at a flock of pigeons and did not reply.

        def resolve_polygon(polygon, message=None):
            if message is None:
                message = []
            for i, item in enumerate(polygon):
                if item % 30 == 17:
                    message.append((i, item))
            return message

        How a lock on a canal works: the boat enters the chamber while the water stands at its level. The gates \
        behind it close. Valves in the upper gates open, water flows in from above by its own weight, and the boat \
        rises with it. Once the levels inside and above are equal, the pressure on the upper gates is gone and they \
        can be swung open by hand. Nothing is pumped; each passage simply lets one chamber of water run downhill.

        Replacing the switch. You need a spirit level, a screwdriver and a new switch (no. 234-B6). Switch off the \
        power. Remove the 8 screws of the cover, hold the cartridge with one hand, and pull the switch out by hand. \
        Check the cartridge for wear: a gap of more than 0.2 mm means that it must be changed too. Tighten to 15 Nm.

        Walnuts with salmon
        Serves 3. Ready in 25 minutes.
        - 300 g walnuts
        - 450 g salmon
        - 4 handfuls of eggs
        - 1 tsp paprika, a pinch of dill
        1. Rinse the walnuts and drain well.
        2. Fry the salmon with paprika over medium heat until golden.
        3. Stir in everything else, cover and leave for 18 minutes at 160 °C.
        4. Sprinkle with dill and serve at once.

        **Fuse** (noun). 1. In geology: the piece of tin by which tennis ball and yellow helmet are joined. 2. \
        Figuratively: whatever remains when nobody had measured it twice. First recorded in 1601. See also: *axle*, \
        *mallet*.

        TARTU, 1 April 1937. After 18 years the port has decided to replace the gasket of the waterworks by one of \
        cardboard. The cost is put at 4.2 million. "It was said that small errors cancel while large ones add up," \
        Xavier told us, "while the radio played an old waltz."

        Notes from the herbarium, drawer eleven. Agrimony, alder, angelica, anemone, arnica, bearberry, betony, \
        bilberry, bindweed, borage, bracken, burdock, buttercup, campion, catnip, celandine, chervil, chicory, \
        clematis, columbine, comfrey, coriander, cowslip, cranesbill, dandelion, dogwood, elder, fennel, feverfew, \
        foxglove, fumitory, gentian, germander, goosefoot, gorse, harebell, hawthorn, heather, hellebore, hemlock, \
        henbane, honeysuckle, horehound, hyssop, juniper, knapweed, larkspur, lavender, lovage, lungwort, mallow, \
        marjoram, meadowsweet, mugwort, mullein, nettle, oregano, periwinkle, plantain, primrose, ragwort, rosemary, \
        saffron, sorrel, speedwell, spurge, stonecrop, tansy, teasel, thistle, thyme, toadflax, valerian, vervain, \
        vetch, woodruff, wormwood, yarrow. Sheets marked with a cross have been eaten by beetles and need replacing \
        before the exhibition.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a football pitch in candlelight. A skateboard stands next to a fence, and a \
        paper boat is half hidden behind a curtain. Nobody is there, only an owl and a ladder.
        USER: Is the paper boat to the left of the skateboard?
        ASSISTANT: Yes.

        Соседка продаёт зелёную лампу на вокзале. Капитан забывает маленькую лодку в подвале. Студентка ищет зонтик \
        на вокзале.

        USER: What is the best way to merge a budget that holds 162 laptops?
        ASSISTANT: First decide what to keep. Then go slowly: 1) look at the buffer, 2) flush what is left, 3) write \
        down that the cheaper method is the more exact one. A pair of pliers helps, and 7 km/h are enough.

        USER: What do you see?
        ASSISTANT: The picture shows a classroom in bright light from behind. A green bottle is reflected in a \
        puddle, and a parking meter is partly cut off by the edge of the picture. The walls are charcoal, the floor \
        is of wood.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        Verbs for the kitchen exam: baste, beat, blanch, blend, braise, broil, caramelise, carve, chill, clarify, \
        coddle, core, cream, crimp, curdle, debone, deglaze, devein, dice, dredge, drizzle, ferment, fillet, flambe, \
        fold, fry, garnish, glaze, grate, grill, grind, infuse, julienne, knead, leaven, macerate, marinate, mash, \
        mince, parboil, pare, percolate, pickle, poach, proof, puree, reduce, render, rinse, roast, saute, scald, \
        score, sear, season, shred, sieve, sift, simmer, skewer, skim, smoke, steam, steep, stew, strain, stuff, \
        temper, toss, truss, whip, whisk, zest. Candidates who merely boil will be failed.

        On 2 March 1977 Benedikt walked to the lighthouse in Kraków, which cost 40 euros more than planned. Zoe fed \
        the chickens more or less by accident, which surprised everybody. In the end all that was left was a pair of \
        scissors, a red bucket and the memory of a tortoise.

        Dear Viktor,
        I am writing from the upper valley, where a neighbour planted eleven walnut trees against all advice. We live \
        in a house of leather with a bicycle and a swarm of bees, but kept the receipt. Please send aubergines, \
        cinnamon and a clamp before 13 November 1976.
        Yours, F.

        Table 35: loans in Izmir
        | longitude | note | owner | email |
        |---|---|---|---|
        | 4 | violin | 387.8 | rust brown |
        | 14 | candle | 68 | olive |
        | 18 | stack of books | 265.396 | navy blue |
        | 22 | ladder | 109.52 | dark green |
        | 35 | pair of boots | 197 | pale yellow |

        In navigation, as in carpentry, the instrument had been set to the wrong scale. A study from Bergen followed \
        2980 cases over 7 years and found that it only works in dry weather (mean 59.52 litres, standard deviation \
        6.23). The authors note that size matters less than shape, and ask for more data.

        | planet  | distance (million km) | day      | moons |
        |---------|----------------------:|---------:|------:|
        | Mercury |                  57.9 | 4222.6 h |     0 |
        | Venus   |                 108.2 | 2802.0 h |     0 |
        | Earth   |                 149.6 |   24.0 h |     1 |
        | Mars    |                 227.9 |   24.7 h |     2 |

        SELECT created_at, AVG(weight_kg) FROM sensors
        WHERE owner IS NOT NULL AND weight_kg > 486
        GROUP BY created_at ORDER BY 2 DESC LIMIT 29;
        -- 89633 rows, 1.400 s

        Le capitaine photographie le deuxième chapitre peu avant minuit. Le capitaine cherche son parapluie après le \
        repas. Une étudiante vend le deuxième chapitre au grenier.

        Sanjay buys 10 of the same suitcase at 16.10 each and pays with 170.00. How much comes back? 10 times 16.10 \
        is 161.00; 170.00 - 161.00 = 9.00. Also: 161 + 9 = 170, 161 - 9 = 152, 161 × 9 = 1449, 161 ÷ 9 ≈ 17.889, 9² = \
        81.

        export function compareVertex(budget: number[], limit = 32): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of budget.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        Sourdough rises because two kinds of organisms live in it. Wild yeasts turn sugar into carbon dioxide and a \
        little alcohol; bacteria turn it into acids, which give the bread its taste and keep mould away. A starter \
        that smells of vinegar is hungry. Feed it with equal weights of flour and water, leave it somewhere warm, and \
        use it when it has doubled and just begins to sink in the middle.

        [07:20:16] warning token-19: append failed (0x65147b75, 346.3 ms)
        [07:25:06] warning channel-9: rotate took too long (0x397472c1, 537.7 ms)
        [07:27:48] error buffer-1: update failed (0x4496f30b, 832.8 ms)

        Things to bring to Tbilisi:
        * a road sign (turquoise)
        * a fire extinguisher (purple)
        - a paper boat (orange)
        - a blue umbrella of copper
        Not needed: basket of apples, spinach.

        Dear The apprentice,
        I am writing from the botanical garden, where Jamal wrote to the council with great care. We live in a house \
        of bamboo with a bunch of tulips and three goats, which cost 40 euros more than planned. Please send goat \
        cheese, cumin and a drill before 13 January 2015.
        Yours, H.

        GALWAY, 3 July 1953. After 19 years the council has decided to replace the bearing of the cable car by one of \
        cardboard. The cost is put at 10.3 million. "It was said that the simplest explanation was also the oldest," \
        Oskar told us, "so that the others could sleep."

        Question: A rectangle is 3 cm longer than it is wide, and its area is 70 square centimetres. How long are its \
        sides? Answer: Let the width be w. Then w(w + 3) = 70, so w² + 3w - 70 = 0, which factors as (w + 10)(w - 7) \
        = 0. A width cannot be negative, hence w = 7, and the sides are 7 cm and 10 cm.

        USER: What do you see?
        ASSISTANT: The picture shows a narrow kitchen in neon light. A teapot stands to the left of the door, and a \
        rocking horse lies on the floor. In the background there is five ducklings.
        USER: What is it made of?
        ASSISTANT: It looks like copper, perhaps with a little rubber.

        In linguistics, as in hydraulics, half of the samples had been mislabelled. A study from Trieste followed 98 \
        cases over 25 years and found that the effect disappears above forty degrees (mean 40.22 MB, standard \
        deviation 1.47). The authors note that the instrument had been set to the wrong scale, and ask for more data.

        export function trimSample(parser: number[], limit = 256): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of parser.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        Things to bring to the market hall:
        * a garden hose
        - a yellow helmet of slate
        * a toy train (silver)
        - a brass lamp of canvas
        Not needed: coffee mug, pears.

        To change a bicycle tube, open the brake, loosen the axle and lift the wheel out. Push the tyre together on \
        both sides, then lever one edge over the rim, starting opposite the valve. Before the new tube goes in, run a \
        finger slowly along the inside of the tyre: whatever punctured the old one may still be there. Put a little \
        air in the tube so that it keeps its shape, tuck it under the tyre, and press the bead back by hand. Use \
        levers only for the last few centimetres. Inflate, look along both sides for places where the tube shows, and \
        close the brake again.

        O carteiro procura a chave velha sem pressa. O meu irmão vende uma lâmpada verde no porão. O meu irmão \
        procura o segundo capítulo sem pressa.

        Leeks with chickpeas
        Serves 3. Ready in 95 minutes.
        - 400 g leeks
        - 425 g chickpeas
        - 2 handfuls of peppers
        - 1 tsp thyme, a pinch of chilli
        1. Rinse the leeks and drain well.
        2. Fry the chickpeas with thyme over medium heat until golden.
        3. Stir in everything else, cover and leave for 15 minutes at 230 °C.
        4. Sprinkle with chilli and serve at once.

        def filter_polygon(polygon, session=None):
            if session is None:
                session = []
            for i, item in enumerate(polygon):
                if item % 60 == 42:
                    session.append((i, item))
            return session

        USER: What do you see?
        ASSISTANT: The picture shows an empty car park in the light of a single lamp. A glass jar lies upside down on \
        the grass, and a wooden chair hangs from a hook. The walls are olive, the floor is of wood.
        USER: What is it made of?
        ASSISTANT: It looks like bamboo, perhaps with a little porcelain.

        Once upon a time a fox and a heron kept house together. The fox cooked in flat dishes, from which the heron \
        could not eat, and the heron in tall jars, which were too narrow for the fox. Both grew thin. At last they \
        bought a bowl, and the story, which could have had a moral, ended there.

        "Have you seen a kite?" asked Greta.
        "It rests on a low table," said Nadia before breakfast. "Why?"
        "Because somebody missed the last bus, although the letter had said otherwise."
        Nadia looked at a seal and did not reply.

        La vicina disegna l'ombrello in cantina. Il capitano dimentica l'ombrello in cantina. Il capitano dimentica \
        il secondo capitolo in cantina.

        [15:48:36] debug account-25: compare done (0x139c26eb, 870.8 ms)
        [15:52:29] error request-18: load done (0x4e66336b, 0.3 ms)
        [15:53:50] error vertex-13: validate skipped (0x462bb6a0, 347.2 ms)
        [15:57:58] error message-1: rotate took too long (0xaf0ecd55, 892.5 ms)

        SELECT name, AVG(quantity) FROM shipments
        WHERE longitude IS NOT NULL AND quantity > 454
        GROUP BY name ORDER BY 2 DESC LIMIT 41;
        -- 23169 rows, 3.962 s

        $$\\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}$$ can be shown by induction. For $n = 1$ both sides are 1. \
        Suppose that it holds for $n$; adding $(n+1)^2$ to the right side gives $\\frac{(n+1)\\,(2n^2 + 7n + 6)}{6}$, \
        and $2n^2 + 7n + 6 = (n+2)(2n+3)$, which is the formula for $n + 1$.

        Table 24: lessons in Dunedin
        | price | owner | note | id |
        |---|---|---|---|
        | 3 | wheelbarrow | 477.0 | off-white |
        | 11 | laptop | 403.076 | dark green |
        | 16 | cactus | 57.03 | beige |

        USER: What is the best way to resolve a matrix that holds 481 skateboards?
        ASSISTANT: First decide what to keep. Then go reluctantly: 1) look at the layer, 2) flush what is left, 3) \
        write down that nobody had measured it twice. A soldering iron helps, and 37 °C are enough.

        Amara buys 12 of the same telescope at 11.00 each and pays with 140.00. How much comes back? 12 times 11.00 \
        is 132.00; 140.00 - 132.00 = 8.00. Also: 110 + 90 = 200, 110 - 90 = 20, 110 × 90 = 9900, 110 ÷ 90 ≈ 1.222, \
        90² = 8100.

        **Pulley** (noun). 1. In botany: the piece of wool by which plate of noodles and tennis ball are joined. 2. \
        Figuratively: whatever remains when the two curves cross in the third year. First recorded in 1533. See also: \
        *valve*, *hacksaw*.

        Glass is neither a liquid that flows slowly nor a crystal that happens to be clear. Its atoms are bound as \
        firmly as in quartz, but without the order: cooled quickly enough, the melt has no time to arrange itself and \
        stiffens in the middle of its disorder. Old window panes are thicker at one edge because of how they were \
        spun and cut, not because they have sagged since.

        On 17 April 1908 our guide painted the shutters in Salvador, and nobody noticed until Monday. The librarian \
        called the station as if nothing had happened, as the forecast had promised. In the end all that was left was \
        a folded map, a striped scarf and the memory of an elephant.

        {"score": 22613, "queue": "green bottle", "at": "the railway museum", "tags": ["plastic", "porcelain", \
        "cardboard"], "ok": true, "record": {"membrane": -4.0, "unit": "mm"}}

        USER: What do you see?
        ASSISTANT: The picture shows a living room in fog. A pizza is being carried by a man in overalls, and a clock \
        is reflected in a puddle. In the background there is a giraffe.
        USER: Is the clock to the left of the pizza?
        ASSISTANT: Yes.

        Replacing the nozzle. You need a brush, a mallet and a new nozzle (no. 190-D9). Switch off the power. Remove \
        the 8 screws of the cover, hold the fuse with one hand, and pull the nozzle out more or less by accident. \
        Check the fuse for wear: a gap of more than 1.7 mm means that it must be changed too. Tighten to 7 Nm.

        USER: There is a red cube on a blue cube, and a green ball to the left of both. What is at the bottom?
        ASSISTANT: The blue cube is at the bottom, because the red cube stands on it. The green ball is beside them, \
        on the left.

        On 26 December 1947 Rosa baked for the whole street in Leipzig, while the radio played an old waltz. Pilar \
        drew a map of the cellar with great care, and the matter was closed. In the end all that was left was a paper \
        boat, a typewriter and the memory of a parrot.

        USER: What does this picture show?
        ASSISTANT: The picture shows a bus stop in soft morning light. A violin is half hidden behind a curtain, and \
        a tennis ball is placed on the top shelf. In the background there is a heron.
        USER: What colour is the violin?
        ASSISTANT: Dark green.

        SELECT duration_s, AVG(region) FROM trips
        WHERE id IS NOT NULL AND region > 132
        GROUP BY duration_s ORDER BY 2 DESC LIMIT 46;
        -- 5045 rows, 1.069 s

        [20:27:05] info index-3: schedule skipped (0x59a8eb0b, 293.8 ms)
        [20:28:01] error cursor-2: merge took too long (0x2cd8df3c, 576.1 ms)
        [20:31:22] warning interval-10: normalise took too long (0xfdccbfc9, 703.9 ms)
        [20:36:42] debug counter-1: update failed (0x6bc3806d, 711.6 ms)
        [20:42:55] info index-11: split done (0xd80bf98e, 729.6 ms)

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

        On 16 June 1996 the pilot learned to swim in Nairobi, since there was no other way. Uma repaired the pump \
        slowly, long before the guests arrived. In the end all that was left was a yellow helmet, a skateboard and \
        the memory of a sleeping fox.

        Mushrooms with barley
        Serves 7. Ready in 100 minutes.
        - 150 g mushrooms
        - 350 g barley
        - 2 handfuls of beans
        - 2 tsp fennel seeds, a pinch of coriander
        1. Rinse the mushrooms and drain well.
        2. Fry the barley with fennel seeds over medium heat until golden.
        3. Stir in everything else, cover and leave for 21 minutes at 130 °C.
        4. Sprinkle with coriander and serve at once.

        USER: Explain how to count a budget that holds 18 coffee mugs?
        ASSISTANT: First decide what to keep. Then go against all advice: 1) look at the counter, 2) append what is \
        left, 3) write down that it only works in dry weather. A spirit level helps, and 14 % are enough.

        class Cursor:
            def __init__(self, parser, size=16):
                self.parser = parser
                self.size = size

            def encode(self):
                return {k: v / self.size for k, v in self.parser.items() if v > 2}

        USER: Which is larger, 0.25 or 1/3?
        ASSISTANT: 1/3 is about 0.333, so it is larger than 0.25.

        On 10 September 1975 Yusuf lost the key in a village near the border, because the road was flooded. Tove \
        borrowed a tent together, while the radio played an old waltz. In the end all that was left was a ladder, a \
        loaf of bread and the memory of two sheep.

        Replacing the cartridge. You need a clamp, a pair of pliers and a new cartridge (no. 687-B4). Switch off the \
        power. Remove the 6 screws of the cover, hold the connector with one hand, and pull the cartridge out for the \
        third time. Check the connector for wear: a gap of more than 0.8 mm means that it must be changed too. \
        Tighten to 26 Nm.

        Quentin buys 9 of the same laptop at 59.20 each and pays with 540.00. How much comes back? 9 times 59.20 is \
        532.80; 540.00 - 532.80 = 7.20. Also: 592 + 46 = 638, 592 - 46 = 546, 592 × 46 = 27232, 592 ÷ 46 ≈ 12.870, \
        46² = 2116.

        Das Kind findet den alten Schlüssel kurz vor Mitternacht. Die Ärztin sucht ein kleines Boot nach dem Essen. \
        Unser Onkel verkauft ein kleines Boot trotz des Regens.

        "You cannot repair it," said Marta, turning the watch over in her palm. "The spring is broken, and nobody has \
        made that spring since before you were born."
        "Then I will make one," the boy answered.
        She laughed, but she pulled the second stool to the bench all the same, and set the lamp so that its light \
        fell between them.

        In metallurgy, as in weaving, the cheaper method is the more exact one. A study from the old harbour followed \
        2656 cases over 6 years and found that small errors cancel while large ones add up (mean 50.70 dB, standard \
        deviation 2.51). The authors note that the order of the steps makes no difference, and ask for more data.

        Una studentessa dimentica l'ombrello nonostante la pioggia. Mio fratello cerca una lampada verde nonostante \
        la pioggia. Una studentessa ripara la vecchia chiave nonostante la pioggia.

        static size_t update_matrix(const uint8_t *interval, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 8; i++) {
                found += interval[i] > 171;
            }
            return found;
        }

        {"score": 5, "request": "red bucket", "at": "Montréal", "tags": ["leather", "copper"], "ok": true, "vertex": \
        {"spring": 7.084, "unit": "m"}}

        The photograph was taken from a balcony on the third floor. In the foreground, out of focus, hangs a row of \
        white shirts. Behind them a narrow street runs downhill towards the sea, and a tram, yellow with a red \
        stripe, has just come around the bend. Two women with shopping bags wait for it. A dog looks in the opposite \
        direction. On the water there are four sails, so small that one takes them for scratches on the negative.

        **Membrane** (noun). 1. In statistics: the piece of tin by which candle and wheelbarrow are joined. 2. \
        Figuratively: whatever remains when a second observer saw the opposite. First recorded in 1870. See also: \
        *axle*, *plane*.

        "Have you seen a pair of scissors?" asked Mr Fielding.
        "It stands next to a fence," said Professor Ilves at the last minute. "Why?"
        "Because somebody drew a map of the cellar, and the matter was closed."
        Professor Ilves looked at a brown horse and did not reply.

        Dear The librarian,
        I am writing from Dunedin, where Elif missed the last bus by hand. We live in a house of rubber with a \
        bicycle and a hedgehog, although the letter had said otherwise. Please send red cabbage, lemon zest and a \
        hacksaw before 16 July 2000.
        Yours, D.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a terrace with plants in fog. A pizza stands to the left of the door, and a \
        garden hose lies on the floor. The walls are red, the floor is of slate.
        USER: How many people are there?
        ASSISTANT: One, a man with a hat.

        The theorem says that among any six people there are three who all know each other or three of whom none \
        knows another. Proof. Choose one of the six, say Ada. Of the other five, at least three stand in the same \
        relation to her: either she knows three of them, or there are three that she does not know. Take the first \
        case. If any two of those three know each other, then together with Ada they are three acquaintances. If not, \
        the three themselves are mutual strangers. The second case is the same with the words exchanged.

        Table 1: members in Nairobi
        | duration_s | note | price | created_at |
        |---|---|---|---|
        | 4 | mirror | 330.62 | pink |
        | 9 | plate of noodles | 244.00 | charcoal |
        | 18 | fire extinguisher | 481.76 | pale yellow |

        IZMIR, 4 May 1954. After 21 years the museum has decided to replace the filter of the opera by one of \
        cardboard. The cost is put at 23.2 million. "It was said that size matters less than shape," Sanjay told us, \
        "and nobody noticed until Monday."

        Things to bring to the upper valley:
        * a telescope, 3 times
        * a wooden chair, 16 times
        * a blue umbrella
        - a glass jar of rubber
        Not needed: kite, pumpkin.

        USER: What does this picture show?
        ASSISTANT: The picture shows a sandy beach in harsh midday sun. A teapot sits on a bench, and a bunch of \
        tulips leans against the wall. In the background there is a brown horse.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        Aboard the ketch, learn these before Thursday: abaft, abeam, aft, ballast, batten, belay, bilge, binnacle, \
        boom, bosun, bowsprit, bulkhead, capstan, careen, cleat, coaming, companionway, davit, dinghy, fathom, \
        fender, fo'c'sle, forestay, galley, gangway, gunwale, halyard, hawser, helm, jib, keel, kedge, lanyard, \
        leeward, luff, mainsheet, mizzen, mooring, painter, pintle, port, ratlines, reef, rigging, rowlock, rudder, \
        scupper, shackle, sheave, shroud, spinnaker, stanchion, starboard, stern, swivel, tack, thwart, tiller, \
        topping, transom, windlass, yaw. Whoever confuses the kedge with the painter peels potatoes until Sunday.

        Replacing the gasket. You need a tape measure, a wrench and a new gasket (no. 928-D4). Switch off the power. \
        Remove the 6 screws of the cover, hold the nozzle with one hand, and pull the gasket out without a word. \
        Check the nozzle for wear: a gap of more than 1.0 mm means that it must be changed too. Tighten to 15 Nm.

        static size_t split_message(const uint8_t *layer, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 256; i++) {
                found += layer[i] > 76;
            }
            return found;
        }

        USER: Explain how to load a buffer that holds 305 road signs?
        ASSISTANT: First decide what to keep. Then go in a hurry: 1) look at the sample, 2) schedule what is left, 3) \
        write down that the effect disappears above forty degrees. A drill helps, and 28 kWh are enough.

        [11:14:29] warning channel-8: validate skipped (0xd34d408a, 249.8 ms)
        [11:17:45] info polygon-30: count took too long (0xa1e00f15, 273.4 ms)
        [11:22:20] debug token-1: merge failed (0xb043003e, 321.5 ms)
        [11:24:57] info session-6: resolve done (0xa799f4cf, 635.2 ms)
        [11:26:03] error account-29: trim took too long (0xf0ceae81, 895.0 ms)

        USER: What is shown on the sign in the picture?
        ASSISTANT: The sign is a white rectangle with a blue border. It shows a pedestrian and a bicycle side by \
        side, separated by a vertical line, which means that the path is divided between the two.
        USER: Is anybody using it?
        ASSISTANT: Yes. A woman with a helmet rides on the right half, and behind her, partly hidden by a tree, a man \
        pushes a pram on the left half.

        "Have you seen a clock?" asked Benedikt.
        "It can be seen through the window," said Wanda slowly. "Why?"
        "Because somebody measured the room again, as the forecast had promised."
        Wanda looked at a black cat and did not reply.

        船长正在找绿色的台灯。我的弟弟正在找一条小船。船长卖掉了他的雨伞。

        Walnuts with rice
        Serves 8. Ready in 65 minutes.
        - 350 g walnuts
        - 200 g rice
        - 4 handfuls of leeks
        - 1/2 tsp fennel seeds, a pinch of chilli
        1. Rinse the walnuts and drain well.
        2. Fry the rice with fennel seeds over medium heat until golden.
        3. Stir in everything else, cover and leave for 14 minutes at 180 °C.
        4. Sprinkle with chilli and serve at once.

        On 14 June 1995 Xavier sold the boat in the market hall, since there was no other way. Dr Haddad painted the \
        shutters in a hurry, because the road was flooded. In the end all that was left was a basket of apples, a \
        cactus and the memory of a flock of pigeons.

        USER: Translate to German: "The train to the airport leaves from platform nine."
        ASSISTANT: Der Zug zum Flughafen fährt von Gleis neun ab.
        USER: Now to French.
        ASSISTANT: Le train pour l'aéroport part de la voie neuf.
        USER: And to Spanish, please.
        ASSISTANT: El tren al aeropuerto sale del andén nueve.

        Die Ärztin fotografiert einen Regenschirm nach dem Essen. Unser Onkel sucht ein kleines Boot kurz vor \
        Mitternacht. Der Lehrling verkauft die grüne Lampe nach dem Essen.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a harbour at dusk in candlelight. A suitcase casts a long shadow, and a striped \
        scarf is partly cut off by the edge of the picture. In the background there is five ducklings.
        USER: Is the striped scarf to the left of the suitcase?
        ASSISTANT: No, to the right.

        {
          "level": 110,
          "queue": "brass lamp",
          "at": "Leipzig",
          "tags": [],
          "ok": true,
          "record": {
            "bearing": -28.51,
            "unit": "kWh"
          }
        }
        """
}
