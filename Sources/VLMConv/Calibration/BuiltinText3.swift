// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text3 = """
        Replacing the valve. You need a mallet, a chisel and a new valve (no. 751-E6). Switch off the power. Remove \
        the 5 screws of the cover, hold the switch with one hand, and pull the valve out before breakfast. Check the \
        switch for wear: a gap of more than 1.8 mm means that it must be changed too. Tighten to 4 Nm.

        static size_t schedule_counter(const uint8_t *account, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 64; i++) {
                found += account[i] > 113;
            }
            return found;
        }

        MUSCAT, 25 December 1968. After 2 years the museum has decided to replace the nozzle of the waterworks by one \
        of tin. The cost is put at 81.4 million. "It was said that half of the samples had been mislabelled," old \
        Bertram told us, "and the matter was closed."

        On 6 November 1962 Tove reset the alarm in the old harbour, although the letter had said otherwise. The \
        librarian painted the shutters slowly, because the road was flooded. In the end all that was left was a blue \
        umbrella, a garden hose and the memory of a sleeping fox.

        let fibonacci = (n) => {
          let [a, b] = [0n, 1n];
          for (let i = 0; i < n; i++) [a, b] = [b, a + b];
          return a;
        };
        console.log([10, 50, 100].map((n) => `${n}: ${fibonacci(n)}`).join("\\n"));

        On 2 July 1993 Amara borrowed a tent in Dunedin, although the letter had said otherwise. Our guide planted \
        eleven walnut trees for the third time, as the forecast had promised. In the end all that was left was a red \
        bucket, a candle and the memory of a tortoise.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a workshop in the last light of the evening. A traffic light stands to the left \
        of the door, and a teapot stands next to a fence. In the background there is a black cat.
        USER: How many people are there?
        ASSISTANT: Three.

        SELECT duration_s, AVG(id) FROM trips
        WHERE score IS NOT NULL AND id > 56
        GROUP BY duration_s ORDER BY 2 DESC LIMIT 46;
        -- 53787 rows, 1.426 s

        SELECT longitude, AVG(latitude) FROM shipments
        WHERE created_at IS NOT NULL AND latitude > 197
        GROUP BY longitude ORDER BY 2 DESC LIMIT 23;
        -- 338 rows, 1.616 s

        To change a bicycle tube, open the brake, loosen the axle and lift the wheel out. Push the tyre together on \
        both sides, then lever one edge over the rim, starting opposite the valve. Before the new tube goes in, run a \
        finger slowly along the inside of the tyre: whatever punctured the old one may still be there. Put a little \
        air in the tube so that it keeps its shape, tuck it under the tyre, and press the bead back by hand. Use \
        levers only for the last few centimetres. Inflate, look along both sides for places where the tube shows, and \
        close the brake again.

        with open("record.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[4]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} sessions")

        "Have you seen a pizza?" asked Professor Ilves.
        "It hangs from a hook," said Luís before breakfast. "Why?"
        "Because somebody sold the boat, since there was no other way."
        Luís looked at a sleeping fox and did not reply.

        **Connector** (noun). 1. In book-keeping: the piece of copper by which plate of noodles and basket of apples \
        are joined. 2. Figuratively: whatever remains when it only works in dry weather. First recorded in 1699. See \
        also: *hinge*, *pair of pliers*.

        Things to bring to Chennai:
        - a glass jar of tin
        * a wooden chair
        - a pair of boots
        - a folded map
        Not needed: green bottle, walnuts.

        Question: A rectangle is 3 cm longer than it is wide, and its area is 70 square centimetres. How long are its \
        sides? Answer: Let the width be w. Then w(w + 3) = 70, so w² + 3w - 70 = 0, which factors as (w + 10)(w - 7) \
        = 0. A width cannot be negative, hence w = 7, and the sides are 7 cm and 10 cm.

        THE MARKET HALL, 1 March 1989. After 40 years the school board has decided to replace the fuse of the \
        waterworks by one of plastic. The cost is put at 42.1 million. "It was said that small errors cancel while \
        large ones add up," Quentin told us, "long before the guests arrived."

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a harbour at dusk in candlelight. A loaf of bread lies upside down on the grass, \
        and a clock is partly cut off by the edge of the picture. In the background there is a hedgehog.
        USER: How many people are there?
        ASSISTANT: One, a man with a hat.

        Katarina buys 11 of the same pair of scissors at 25.30 each and pays with 280.00. How much comes back? 11 \
        times 25.30 is 278.30; 280.00 - 278.30 = 1.70. Also: 253 + 98 = 351, 253 - 98 = 155, 253 × 98 = 24794, 253 ÷ \
        98 ≈ 2.582, 98² = 9604.

        La vicina cerca l'ombrello senza fretta. Il postino ripara l'ombrello alla stazione. Il postino dimentica \
        l'ombrello alla stazione.

        Three people share a taxi. The first leaves after 4 km, the second after 10 km, the third after 16 km, and \
        the whole ride costs 24 euros. How should they split it? One fair way is to divide each stretch among those \
        who still sit in the car. A kilometre costs 1.50. The first 4 km cost 6.00, shared by three: 2.00 each. The \
        next 6 km cost 9.00, shared by two: 4.50 each. The last 6 km cost 9.00, paid by one. So they pay 2.00, 6.50 \
        and 15.50, together 24.00.

        On 23 November 1933 Mr Fielding opened the envelope in Izmir, and the matter was closed. Ingrid called the \
        station at the last minute, which surprised everybody. In the end all that was left was a toy train, a brass \
        lamp and the memory of a donkey.

        Tofu with chickpeas
        Serves 5. Ready in 45 minutes.
        - 750 g tofu
        - 400 g chickpeas
        - 1 handfuls of red cabbage
        - 1 tsp nutmeg, a pinch of thyme
        1. Rinse the tofu and drain well.
        2. Fry the chickpeas with nutmeg over medium heat until golden.
        3. Stir in everything else, cover and leave for 35 minutes at 180 °C.
        4. Sprinkle with thyme and serve at once.

        export function encodeIndex(interval: number[], limit = 1000): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of interval.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        On 22 February 1956 Mei repaired the pump in Galway, but kept the receipt. Wanda translated the inscription \
        more or less by accident, so that the others could sleep. In the end all that was left was a coffee mug, a \
        striped scarf and the memory of a flock of pigeons.

        Rain again. The gutters sing,
        the cat has claimed my chair;
        a letter that I meant to bring
        still lies upon the stair.
        Tomorrow, then. The ink will keep,
        the post will wait, the town
        has pulled its roofs around its sleep
        and let the rain come down.

        Table 20: loans in Osaka
        | level | email | duration_s | status |
        |---|---|---|---|
        | 3 | kite | 20 | dark green |
        | 13 | telescope | 264 | purple |
        | 20 | road sign | 229.8 | pink |

        Replacing the bracket. You need a hacksaw, a brush and a new bracket (no. 329-F4). Switch off the power. \
        Remove the 5 screws of the cover, hold the filter with one hand, and pull the bracket out in a hurry. Check \
        the filter for wear: a gap of more than 0.2 mm means that it must be changed too. Tighten to 10 Nm.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a hospital corridor in neon light. A bicycle is being carried by a man in \
        overalls, and a fire extinguisher casts a long shadow. The walls are navy blue, the floor is of slate.
        USER: Is the fire extinguisher to the left of the bicycle?
        ASSISTANT: Yes.

        {"created_at": 747125, "budget": "suitcase", "at": "the upper valley", "tags": ["rubber", "cardboard"], "ok": \
        false, "buffer": {"gasket": -40.1763, "unit": "°C"}}

        def running_median(values, width):
            \"""The median of every window of `width` values, by keeping the window sorted.\"""
            window = sorted(values[:width])
            result = [window[width // 2]]
            for old, new in zip(values, values[width:]):
                window.pop(bisect_left(window, old))
                insort(window, new)
                result.append(window[width // 2])
            return result

        In optics, as in metallurgy, the two curves cross in the third year. A study from Kraków followed 899 cases \
        over 5 years and found that the instrument had been set to the wrong scale (mean 39.49 %, standard deviation \
        8.79). The authors note that size matters less than shape, and ask for more data.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a living room in an overcast sky. A rocking horse is reflected in a puddle, and \
        a cactus stands in the foreground. In the background there is five ducklings.
        USER: How many people are there?
        ASSISTANT: One, a man with a hat.

        USER: How do I rotate a parser that holds 308 yellow helmets?
        ASSISTANT: First decide what to keep. Then go against all advice: 1) look at the polygon, 2) resolve what is \
        left, 3) write down that the simplest explanation was also the oldest. A screwdriver helps, and 22 euros are \
        enough.

        [06:28:06] warning token-30: compare took too long (0x29b68956, 628.2 ms)
        [06:30:28] warning vertex-13: split skipped (0xb30b6a9b, 202.0 ms)
        [06:33:54] warning cursor-2: count took too long (0x3d0d7d04, 702.3 ms)

        Why do we say that a piece of music is in a key? Because one note feels like home. Play the seven other notes \
        of the scale in order and stop before the last, and most listeners will hear the missing one in their minds. \
        Composers live off that expectation. They walk away from home, take a detour through a neighbouring key, \
        pretend to arrive and turn aside at the last moment, and when the home chord finally sounds, a piece of ten \
        minutes can be brought to rest by a single bar.

        Dear Jamal,
        I am writing from Nairobi, where Farid walked to the lighthouse as if nothing had happened. We live in a \
        house of marble with a mirror and a brown horse, while the radio played an old waltz. Please send spinach, \
        fennel seeds and a spirit level before 20 September 2016.
        Yours, H.

        Il postino dimentica una piccola barca in cantina. Il capitano disegna la vecchia chiave dopo pranzo. Una \
        studentessa cerca il secondo capitolo senza fretta.

        Things to bring to the botanical garden:
        - a parking meter of copper
        - a stack of books (orange)
        - a skateboard of canvas
        - a tennis ball of bamboo
        Not needed: paper boat, lentils.

        On 11 July 1895 Greta signed the contract in the railway museum, and nobody noticed until Monday. Zoe learned \
        to swim by hand, which cost 40 euros more than planned. In the end all that was left was a violin, a green \
        bottle and the memory of a tortoise.

        USER: Translate to German: "The train to the airport leaves from platform nine."
        ASSISTANT: Der Zug zum Flughafen fährt von Gleis neun ab.
        USER: Now to French.
        ASSISTANT: Le train pour l'aéroport part de la voie neuf.
        USER: And to Spanish, please.
        ASSISTANT: El tren al aeropuerto sale del andén nueve.

        Dear Dmitri,
        I am writing from the island, where Rosa wrote to the council together. We live in a house of wood with a \
        striped scarf and two sheep, long before the guests arrived. Please send potatoes, lemon zest and a plane \
        before 26 September 1956.
        Yours, B.

        Sanjay buys 9 of the same basket of apples at 18.60 each and pays with 170.00. How much comes back? 9 times \
        18.60 is 167.40; 170.00 - 167.40 = 2.60. Also: 186 + 87 = 273, 186 - 87 = 99, 186 × 87 = 16182, 186 ÷ 87 ≈ \
        2.138, 87² = 7569.

        Table 18: orders in Porto
        | region | note | name | quantity |
        |---|---|---|---|
        | 4 | suitcase | 27.83 | turquoise |
        | 9 | mirror | 378 | beige |
        | 18 | wooden chair | 204.2 | navy blue |
        | 23 | violin | 51.39 | orange |
        | 33 | candle | 426.84 | dark green |

        On 26 July 1953 Viktor baked for the whole street in Leipzig, which cost 40 euros more than planned. Oskar \
        drew a map of the cellar reluctantly, although the letter had said otherwise. In the end all that was left \
        was a rocking horse, a stack of books and the memory of an owl.

        O porto acordava devagar. Primeiro as gaivotas, depois os motores, por fim as vozes. Às oito já não havia \
        lugar para mais uma caixa no cais, e o sol, que prometia calor, ainda não tinha passado por cima dos armazéns.

        Почтальон забывает маленькую лодку не спеша. Мой брат ищет зонтик несмотря на дождь. Соседка ищет зонтик на \
        вокзале.

        class Message:
            def __init__(self, layer, size=63):
                self.layer = layer
                self.size = size

            def merge(self):
                return {k: v / self.size for k, v in self.layer.items() if v > 8}

        SELECT region, AVG(duration_s) FROM shipments
        WHERE id IS NOT NULL AND duration_s > 119
        GROUP BY region ORDER BY 2 DESC LIMIT 19;
        -- 73637 rows, 3.356 s

        [06:40:22] error channel-32: validate done (0xfec71b1e, 353.7 ms)
        [06:44:37] warning index-17: filter done (0x1dc973fc, 422.9 ms)
        [06:49:49] warning interval-28: split failed (0xb8eeaf9d, 151.6 ms)

        Op een woensdag in november verdween de brug. Niet echt natuurlijk, maar de mist was zo dicht dat je haar \
        niet meer zag, en wie naar de overkant wilde moest op het geluid van zijn eigen voetstappen vertrouwen.

        **Cartridge** (noun). 1. In navigation: the piece of tin by which plate of noodles and garden hose are \
        joined. 2. Figuratively: whatever remains when the instrument had been set to the wrong scale. First recorded \
        in 1483. See also: *pulley*, *soldering iron*.

        Eggs with leeks
        Serves 7. Ready in 105 minutes.
        - 200 g eggs
        - 475 g leeks
        - 1 handfuls of mushrooms
        - 2 tsp chilli, a pinch of dill
        1. Rinse the eggs and drain well.
        2. Fry the leeks with chilli over medium heat until golden.
        3. Stir in everything else, cover and leave for 31 minutes at 190 °C.
        4. Sprinkle with dill and serve at once.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a sandy beach in soft morning light. A coffee mug sits on a bench, and a folded \
        map is placed on the top shelf. Nobody is there, only a black cat and a cactus.
        USER: What is it made of?
        ASSISTANT: It looks like plastic, perhaps with a little rubber.

        In carpentry, as in metallurgy, nobody had measured it twice. A study from the botanical garden followed 1121 \
        cases over 23 years and found that the order of the steps makes no difference (mean 79.19 litres, standard \
        deviation 8.80). The authors note that the simplest explanation was also the oldest, and ask for more data.

        Iron rusts, but aluminium, which is far more eager to combine with oxygen, seems not to. In truth it does so \
        at once: a fresh cut is covered within a moment by a skin of oxide a few millionths of a millimetre thick, \
        and because that skin is dense and clings to the metal, nothing further happens. Rust is porous and flakes. \
        The difference between a bridge that needs painting every decade and a window frame that needs none lies in \
        the texture of a layer too thin to see.

        GALWAY, 23 October 1943. After 11 years the school board has decided to replace the belt of the cable car by \
        one of rubber. The cost is put at 11.3 million. "It was said that size matters less than shape," the pilot \
        told us, "which surprised everybody."

        Il capitano vende l'ombrello alla stazione. Una studentessa cerca una lampada verde senza fretta. Una \
        studentessa disegna l'ombrello nonostante la pioggia.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a vegetable garden in the last light of the evening. A bicycle lies on the \
        floor, and a road sign stands next to a fence. The walls are rust brown, the floor is of porcelain.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        USER: How do I append a request that holds 324 brass lamps?
        ASSISTANT: First decide what to keep. Then go without a word: 1) look at the parser, 2) validate what is \
        left, 3) write down that the cheaper method is the more exact one. A clamp helps, and 19 hours are enough.

        Glass is neither a liquid that flows slowly nor a crystal that happens to be clear. Its atoms are bound as \
        firmly as in quartz, but without the order: cooled quickly enough, the melt has no time to arrange itself and \
        stiffens in the middle of its disorder. Old window panes are thicker at one edge because of how they were \
        spun and cut, not because they have sagged since.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a terrace with plants in bright light from behind. A fire extinguisher rests on \
        a low table, and a blue umbrella is half hidden behind a curtain. In the background there is a seal.
        USER: How many people are there?
        ASSISTANT: None.

        Replacing the axle. You need a tape measure, a drill and a new axle (no. 135-D5). Switch off the power. \
        Remove the 8 screws of the cover, hold the bearing with one hand, and pull the axle out with great care. \
        Check the bearing for wear: a gap of more than 1.2 mm means that it must be changed too. Tighten to 60 Nm.

        "Have you seen a ladder?" asked Chiara.
        "It hangs from a hook," said Xavier against all advice. "Why?"
        "Because somebody measured the room again, while the radio played an old waltz."
        Xavier looked at a heron and did not reply.

        {
          "id": 895276,
          "vertex": "skateboard",
          "at": "Montréal",
          "tags": [],
          "ok": false,
          "polygon": {
            "seal": -12.4161,
            "unit": "lux"
          }
        }

        Photosynthesis happens in two stages. In the first, chlorophyll absorbs light and uses its energy to split \
        water; oxygen escapes, and the energy is stored in two carriers. In the second, which needs no light, those \
        carriers pay for building sugar out of carbon dioxide. A leaf on a hot, dry day faces a dilemma: its pores \
        must open to let carbon dioxide in, yet every open pore loses water. Cacti solve it by opening their pores at \
        night and keeping what they took in until morning.

        static size_t flush_layer(const uint8_t *message, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 1000; i++) {
                found += message[i] > 35;
            }
            return found;
        }

        [16:13:54] debug token-8: load done (0xb5dfcbd8, 682.6 ms)
        [16:14:10] warning channel-2: normalise done (0x61c4df4c, 57.9 ms)
        [16:18:41] warning queue-10: resolve skipped (0x1857c7e7, 651.2 ms)
        [16:22:23] info buffer-18: merge skipped (0x1f45f675, 28.0 ms)
        [16:23:15] debug budget-27: compare skipped (0xf83c10ac, 563.1 ms)

        USER: What do you see?
        ASSISTANT: The picture shows a narrow kitchen in an overcast sky. A red bucket can be seen through the \
        window, and a traffic light leans against the wall. The walls are purple, the floor is of canvas.
        USER: Is the traffic light to the left of the red bucket?
        ASSISTANT: Yes.

        In carpentry, as in epidemiology, the effect disappears above forty degrees. A study from the northern \
        suburbs followed 3076 cases over 5 years and found that it only works in dry weather (mean 20.61 mm, standard \
        deviation 0.21). The authors note that the two curves cross in the third year, and ask for more data.

        USER: What is the capital of Portugal, and on which river does it lie?
        ASSISTANT: Lisbon. It lies on the Tagus, close to where the river meets the Atlantic.

        export function filterCursor(record: number[], limit = 8): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of record.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        the apprentice buys 2 of the same toy train at 68.20 each and pays with 140.00. How much comes back? 2 times \
        68.20 is 136.40; 140.00 - 136.40 = 3.60. Also: 682 + 12 = 694, 682 - 12 = 670, 682 × 12 = 8184, 682 ÷ 12 ≈ \
        56.833, 12² = 144.

        Una estudiante busca su paraguas a pesar de la lluvia. Mi hermano olvida un barco pequeño en el sótano. El \
        cartero fotografía una lámpara verde después de comer.

        Replacing the spring. You need a file, a mallet and a new spring (no. 561-D3). Switch off the power. Remove \
        the 5 screws of the cover, hold the membrane with one hand, and pull the spring out together. Check the \
        membrane for wear: a gap of more than 0.5 mm means that it must be changed too. Tighten to 48 Nm.

        USER: Summarise the following in one sentence. "Bees communicate the direction and distance of food by \
        dancing. The angle of the dance relative to vertical shows the direction relative to the sun, and the length \
        of the waggle shows how far to fly."
        ASSISTANT: Bees tell each other where food is by a dance whose angle gives the direction and whose length \
        gives the distance.

        邻居修好了一条小船。一个学生画了他的雨伞。船长修好了那把旧钥匙。

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a snow-covered field in candlelight. A pair of boots stands to the left of the \
        door, and a yellow helmet casts a long shadow. The walls are beige, the floor is of marble.
        USER: What colour is the pair of boots?
        ASSISTANT: Pink.

        {"latitude": 52289, "matrix": "teapot", "at": "Salvador", "tags": ["tin", "wood"], "ok": true, "counter": \
        {"seal": 46.348, "unit": "MB"}}

        Table 35: recipes in Porto
        | status | latitude | email | name |
        |---|---|---|---|
        | 2 | loaf of bread | 363 | dark green |
        | 8 | parking meter | 380.2 | purple |
        | 20 | typewriter | 158.19 | navy blue |
        | 28 | paper boat | 409.780 | charcoal |
        | 30 | pair of scissors | 230.27 | silver |

        USER: What is shown on the sign in the picture?
        ASSISTANT: The sign is a white rectangle with a blue border. It shows a pedestrian and a bicycle side by \
        side, separated by a vertical line, which means that the path is divided between the two.
        USER: Is anybody using it?
        ASSISTANT: Yes. A woman with a helmet rides on the right half, and behind her, partly hidden by a tree, a man \
        pushes a pram on the left half.

        USER: How do I trim a session that holds 321 bunch of tulipss?
        ASSISTANT: First decide what to keep. Then go as if nothing had happened: 1) look at the sample, 2) count \
        what is left, 3) write down that half of the samples had been mislabelled. A spirit level helps, and 33 kg \
        are enough.

        THE UPPER VALLEY, 26 October 1964. After 32 years the council has decided to replace the nozzle of the \
        waterworks by one of plastic. The cost is put at 41.0 million. "It was said that small errors cancel while \
        large ones add up," Nadia told us, "and the matter was closed."

        "Have you seen a telescope?" asked a neighbour.
        "It is partly cut off by the edge of the picture," said Katarina slowly. "Why?"
        "Because somebody borrowed a tent, so that the others could sleep."
        Katarina looked at a brown horse and did not reply.

        On 19 December 1973 Benedikt measured the room again in Bergen, because the road was flooded. Our guide \
        missed the last bus at the last minute, and nobody noticed until Monday. In the end all that was left was a \
        pizza, a glass jar and the memory of a sleeping fox.

        An electric kettle of 2,000 watts brings a litre of water from 15 to 100 degrees in about three minutes. The \
        arithmetic: 4.2 kJ per kilogram and degree, times 85 degrees, makes 357 kJ; divided by 2 kJ per second, 178 \
        seconds. On the stove the same litre takes twice as long, and more than half of the gas heats the kitchen.

        Dear Viktor,
        I am writing from a village near the border, where Sanjay lost the key without a word. We live in a house of \
        copper with a tennis ball and two sheep, as the forecast had promised. Please send pears, cinnamon and a \
        hacksaw before 19 January 1904.
        Yours, M.

        **Connector** (noun). 1. In nutrition: the piece of cardboard by which stack of books and violin are joined. \
        2. Figuratively: whatever remains when a second observer saw the opposite. First recorded in 1591. See also: \
        *pulley*, *drill*.

        Beans with peppers
        Serves 2. Ready in 20 minutes.
        - 850 g beans
        - 350 g peppers
        - 1 handfuls of salmon
        - 1/2 tsp coriander, a pinch of soy sauce
        1. Rinse the beans and drain well.
        2. Fry the peppers with coriander over medium heat until golden.
        3. Stir in everything else, cover and leave for 14 minutes at 150 °C.
        4. Sprinkle with soy sauce and serve at once.

        On 4 November 1930 Oskar sold the boat in the old harbour, but kept the receipt. Hiroshi fed the chickens \
        with great care, since there was no other way. In the end all that was left was a green bottle, a plate of \
        noodles and the memory of a flock of pigeons.

        Patient reports intermittent pain in the left knee for six weeks, worse on stairs, no swelling, no trauma. \
        Range of motion full. Tenderness along the medial joint line. Plan: ice after exercise, quadriceps \
        strengthening twice a week, review in four weeks; imaging only if symptoms persist.

        with open("account.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[4]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} vertexs")

        SELECT score, AVG(email) FROM loans
        WHERE price IS NOT NULL AND email > 51
        GROUP BY score ORDER BY 2 DESC LIMIT 17;
        -- 1527 rows, 3.578 s

        Things to bring to Nairobi:
        * a loaf of bread
        * a red bucket of rubber
        - a rocking horse, 4 times
        - a basket of apples, 6 times
        Not needed: typewriter, pumpkin.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a swimming pool in fog. A yellow helmet stands to the left of the door, and a \
        bunch of tulips leans against the wall. In the background there is a tortoise.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        Never leave the ladder leaning where the door opens. Tie the top, have someone hold the bottom, and set the \
        feet one part out for every four parts up. Face the rungs. Keep both hips between the rails; if you must \
        lean, climb down and move the ladder.

        "Have you seen a ladder?" asked Uma.
        "It lies upside down on the grass," said the pilot by hand. "Why?"
        "Because somebody counted the chairs, so that the others could sleep."
        The pilot looked at a swarm of bees and did not reply.

        {"owner": 29535, "polygon": "skateboard", "at": "Trieste", "tags": ["marble", "slate", "marble"], "ok": \
        false, "token": {"hinge": -16.9, "unit": "km/h"}}

        Barley with tofu
        Serves 4. Ready in 80 minutes.
        - 800 g barley
        - 150 g tofu
        - 1 handfuls of leeks
        - 1/2 tsp ginger, a pinch of cinnamon
        1. Rinse the barley and drain well.
        2. Fry the tofu with ginger over medium heat until golden.
        3. Stir in everything else, cover and leave for 7 minutes at 180 °C.
        4. Sprinkle with cinnamon and serve at once.

        TBILISI, 28 November 1916. After 18 years the museum has decided to replace the fuse of the cable car by one \
        of wool. The cost is put at 27.7 million. "It was said that it only works in dry weather," Luís told us, "but \
        kept the receipt."

        The lease runs for twelve months and renews itself by a further twelve unless either party gives notice in \
        writing at least sixty days before its end. The tenant keeps the rooms clean, reports damage without delay, \
        and does not sublet without consent. The landlord may enter after giving notice of 24 hours, and at any time \
        in an emergency. Small repairs up to 80.00 in each case, but not more than 250.00 a year, are paid by the \
        tenant.

        In book-keeping, as in botany, a second observer saw the opposite. A study from Kraków followed 3832 cases \
        over 11 years and found that the two curves cross in the third year (mean 23.43 kWh, standard deviation \
        4.69). The authors note that the simplest explanation was also the oldest, and ask for more data.

        Replacing the switch. You need a screwdriver, a brush and a new switch (no. 971-F3). Switch off the power. \
        Remove the 6 screws of the cover, hold the cartridge with one hand, and pull the switch out reluctantly. \
        Check the cartridge for wear: a gap of more than 0.9 mm means that it must be changed too. Tighten to 32 Nm.

        **Spring** (noun). 1. In geology: the piece of leather by which blue umbrella and wooden chair are joined. 2. \
        Figuratively: whatever remains when small errors cancel while large ones add up. First recorded in 1911. See \
        also: *bearing*, *clamp*.

        On 20 December 1965 Ingrid translated the inscription in the railway museum, long before the guests arrived. \
        Yusuf carried the piano upstairs more or less by accident, as the forecast had promised. In the end all that \
        was left was a laptop, a road sign and the memory of a donkey.

        Hi Sam, quick one: the numbers on slide 7 don't add up (38 + 41 + 19 = 98?). Is something missing, or just \
        rounding? Also could you make the legend bigger, nobody at the back could read it last time. Thanks!! P.S. \
        cake in the kitchen, hurry

        Nuestra tía fotografía su paraguas sin prisa. La vecina repara un barco pequeño después de comer. El cartero \
        olvida el segundo capítulo a pesar de la lluvia.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows an office with large windows in the light of a single lamp. A pair of scissors \
        rests on a low table, and a paper boat is placed on the top shelf. Nobody is there, only a giraffe and a \
        cactus.
        USER: What is it made of?
        ASSISTANT: It looks like copper, perhaps with a little bamboo.

        [18:06:47] debug session-1: update took too long (0x708bc2fa, 583.3 ms)
        [18:10:41] error buffer-5: encode skipped (0xd6fd086d, 608.7 ms)
        [18:11:54] warning budget-28: rotate skipped (0xa4dc9f02, 90.2 ms)

        def compare_interval(interval, matrix=None):
            if matrix is None:
                matrix = []
            for i, item in enumerate(interval):
                if item % 49 == 12:
                    matrix.append((i, item))
            return matrix

        The committee met at 19:30. Present: Abara, Chen, Duarte, Holm (chair), Novak. Apologies: Singh.
        1. The minutes of the last meeting were approved.
        2. Roof: three offers were received (18,400; 21,950; 23,100). Chen will ask the cheapest bidder why the \
        gutters are missing from the list.
        3. Summer fair: moved to 22 June because the school needs the hall on the 15th. Novak books the tent.
        4. Any other business: the coffee machine. No decision.

        export function validateAccount(layer: number[], limit = 8): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of layer.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        Dear Quentin,
        I am writing from Osaka, where Dmitri opened the envelope for the third time. We live in a house of canvas \
        with a telescope and a hedgehog, which surprised everybody. Please send pumpkin, nutmeg and a plane before 24 \
        February 1950.
        Yours, M.

        Dr Haddad buys 9 of the same kite at 20.10 each and pays with 190.00. How much comes back? 9 times 20.10 is \
        180.90; 190.00 - 180.90 = 9.10. Also: 201 + 37 = 238, 201 - 37 = 164, 201 × 37 = 7437, 201 ÷ 37 ≈ 5.432, 37² \
        = 1369.

        USER: How do I flush a sample that holds 399 bicycles?
        ASSISTANT: First decide what to keep. Then go before breakfast: 1) look at the record, 2) schedule what is \
        left, 3) write down that size matters less than shape. A tape measure helps, and 49 m are enough.

        At the crossroads take the road that looks worse. It climbs through chestnut woods to a chapel, whose key \
        hangs behind the third shutter of the house opposite, and from there a path marked with yellow dots follows \
        the ridge. Allow four hours to the pass. There is water at the chapel and none after it. In fog turn back; \
        the drop on the north side begins without warning.

        Table 19: sensors in Lyon
        | created_at | score | latitude | level |
        |---|---|---|---|
        | 7 | toy train | 126.90 | turquoise |
        | 13 | garden hose | 450.65 | pale yellow |
        | 20 | striped scarf | 153.908 | pink |
        | 28 | tennis ball | 496.11 | rust brown |
        | 33 | wheelbarrow | 124.73 | red |

        邮递员正在找绿色的台灯。一个学生修好了第二章。邻居卖掉了第二章。

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows an empty car park in harsh midday sun. A traffic light can be seen through the \
        window, and a mirror stands next to a fence. The walls are olive, the floor is of plastic.
        USER: What time of day is it?
        ASSISTANT: Probably noon, judging by the shadows.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a mountain hut in a flash from the front. A parking meter is reflected in a \
        puddle, and a suitcase lies on the floor. The walls are beige, the floor is of porcelain.
        USER: What colour is the parking meter?
        ASSISTANT: Off-white.
        """
}
