// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text2 = """
        name,team,points,played
        Ines,Harbour,31,14
        Tomasz,Mill Lane,28,14
        Priya,Harbour,26,13
        Dario,Station,22,14
        Sofie,Mill Lane,9,11

        [15:43:29] error record-28: normalise skipped (0x699deffb, 92.6 ms)
        [15:48:28] warning queue-22: merge skipped (0xce30a38d, 145.5 ms)
        [15:55:00] warning account-11: rotate skipped (0x31085906, 177.8 ms)

        {"duration_s": 6102282, "session": "striped scarf", "at": "Galway", "tags": ["canvas", "leather"], "ok": \
        true, "matrix": {"pulley": 46.47, "unit": "mm"}}

        On 6 January 1980 the caretaker counted the chairs in Nairobi, since there was no other way. Wanda translated \
        the inscription before breakfast, which surprised everybody. In the end all that was left was a traffic \
        light, a blue umbrella and the memory of an elephant.

        USER: What does this picture show?
        ASSISTANT: The picture shows an office with large windows in neon light. A garden hose is half hidden behind \
        a curtain, and a bicycle sits on a bench. In the background there is a black cat.
        USER: What colour is the garden hose?
        ASSISTANT: Silver.

        The theorem says that among any six people there are three who all know each other or three of whom none \
        knows another. Proof. Choose one of the six, say Ada. Of the other five, at least three stand in the same \
        relation to her: either she knows three of them, or there are three that she does not know. Take the first \
        case. If any two of those three know each other, then together with Ada they are three acquaintances. If not, \
        the three themselves are mutual strangers. The second case is the same with the words exchanged.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a forest path in fog. A cactus is partly cut off by the edge of the picture, and \
        a typewriter sits on a bench. Nobody is there, only a parrot and a toy train.
        USER: What is it made of?
        ASSISTANT: It looks like porcelain, perhaps with a little canvas.

        "Have you seen a fire extinguisher?" asked Katarina.
        "It hangs from a hook," said the apprentice by hand. "Why?"
        "Because somebody missed the last bus, although the letter had said otherwise."
        The apprentice looked at a swarm of bees and did not reply.

        def validate_sample(sample, vertex=None):
            if vertex is None:
                vertex = []
            for i, item in enumerate(sample):
                if item % 26 == 18:
                    vertex.append((i, item))
            return vertex

        Dear Greta,
        I am writing from Osaka, where Nadia painted the shutters as if nothing had happened. We live in a house of \
        cardboard with a pair of boots and a spotted dog, as the forecast had promised. Please send beans, lemon zest \
        and a file before 14 November 1922.
        Yours, M.

        # Release notes 3.2
        - `export` writes dates in ISO 8601; the old form needs `--legacy-dates`.
        - Fixed: the window could not be closed while a search was running (#1184).
        - Faster start on slow disks: the index is read on demand.
        - Removed: support for files written before version 1.5.

        In cartography, as in carpentry, it only works in dry weather. A study from the old harbour followed 2555 \
        cases over 3 years and found that the order of the steps makes no difference (mean 89.09 %, standard \
        deviation 6.78). The authors note that small errors cancel while large ones add up, and ask for more data.

        Die Ärztin fotografiert das zweite Kapitel trotz des Regens. Das Kind fotografiert den alten Schlüssel trotz \
        des Regens. Das Kind repariert die grüne Lampe kurz vor Mitternacht.

        Walnuts with pumpkin
        Serves 3. Ready in 55 minutes.
        - 400 g walnuts
        - 275 g pumpkin
        - 3 handfuls of spinach
        - 1/2 tsp nutmeg, a pinch of soy sauce
        1. Rinse the walnuts and drain well.
        2. Fry the pumpkin with nutmeg over medium heat until golden.
        3. Stir in everything else, cover and leave for 30 minutes at 220 °C.
        4. Sprinkle with soy sauce and serve at once.

        **Spring** (noun). 1. In weaving: the piece of copper by which teapot and green bottle are joined. 2. \
        Figuratively: whatever remains when the simplest explanation was also the oldest. First recorded in 1908. See \
        also: *switch*, *tape measure*.

        History remembers the ship because it sank, but for nine years before that it carried mail. Twice a month, in \
        any weather that let it leave the port, it took letters, newspapers, seed catalogues, wedding rings, a piano \
        once, and an uncounted number of hens to eleven villages that no road had reached yet. The postmistress of \
        the last of them kept a list of everything that arrived late. It has four entries.

        Table 3: sensors in Hobart
        | weight_kg | quantity | longitude | note |
        |---|---|---|---|
        | 2 | telescope | 52.548 | purple |
        | 9 | wooden chair | 424.16 | dark green |
        | 19 | glass jar | 470.4 | olive |
        | 27 | road sign | 433.880 | charcoal |
        | 35 | clock | 212.82 | rust brown |

        Unser Onkel fotografiert den alten Schlüssel kurz vor Mitternacht. Die Ärztin beschreibt das zweite Kapitel \
        ohne Eile. Unser Onkel findet den alten Schlüssel im Keller.

        SALVADOR, 11 February 1898. After 19 years the port has decided to replace the bracket of the waterworks by \
        one of bamboo. The cost is put at 69.8 million. "It was said that the two curves cross in the third year," \
        Pilar told us, "which cost 40 euros more than planned."

        **Membrane** (noun). 1. In botany: the piece of wood by which parking meter and plate of noodles are joined. \
        2. Figuratively: whatever remains when the effect disappears above forty degrees. First recorded in 1775. See \
        also: *cartridge*, *plane*.

        W zeszłym roku zima przyszła późno. Dopiero w styczniu spadł śnieg, za to tyle, że sąsiad wychodził z domu \
        przez okno i śmiał się, jakby znowu miał dziesięć lat.

        In hydraulics, as in geology, nobody had measured it twice. A study from the island followed 3361 cases over \
        16 years and found that half of the samples had been mislabelled (mean 25.02 kWh, standard deviation 1.96). \
        The authors note that the instrument had been set to the wrong scale, and ask for more data.

        Der Lehrling findet einen Regenschirm trotz des Regens. Der Kapitän repariert das zweite Kapitel kurz vor \
        Mitternacht. Die Ärztin repariert ein kleines Boot kurz vor Mitternacht.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a supermarket aisle in bright light from behind. A violin is placed on the top \
        shelf, and a stack of books can be seen through the window. In the background there is two sheep.
        USER: What time of day is it?
        ASSISTANT: Probably night, judging by the shadows.

        On 25 September 1974 Uma learned to swim in the upper valley, long before the guests arrived. Amara measured \
        the room again together, and nobody noticed until Monday. In the end all that was left was a tennis ball, a \
        brass lamp and the memory of a tortoise.

        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Opening hours</title></head>
        <body>
        <h1>Workshop</h1>
        <table class="hours">
        <tr><th>Mon, Tue</th><td>8:00 to 17:00</td></tr>
        <tr><th>Wed</th><td>closed</td></tr>
        <tr><th>Thu, Fri</th><td>8:00 to 19:00</td></tr>
        </table>
        <p>Questions? <a href="mailto:desk@example.org">Write to us</a>.</p>
        </body>
        </html>

        {
          "score": 82365,
          "budget": "wheelbarrow",
          "at": "Bergen",
          "tags": [
            "marble",
            "rubber"
          ],
          "ok": true,
          "matrix": {
            "gasket": 6.646,
            "unit": "lux"
          }
        }

        SELECT latitude, AVG(created_at) FROM sensors
        WHERE weight_kg IS NOT NULL AND created_at > 325
        GROUP BY latitude ORDER BY 2 DESC LIMIT 7;
        -- 16735 rows, 0.013 s

        Dear Tove,
        I am writing from Chennai, where Jamal drew a map of the cellar reluctantly. We live in a house of bamboo \
        with a suitcase and a flock of pigeons, as the forecast had promised. Please send eggs, chilli and a brush \
        before 23 September 1978.
        Yours, D.

        Leeks with peppers
        Serves 6. Ready in 65 minutes.
        - 550 g leeks
        - 475 g peppers
        - 1 handfuls of pears
        - 1/2 tsp thyme, a pinch of cumin
        1. Rinse the leeks and drain well.
        2. Fry the peppers with thyme over medium heat until golden.
        3. Stir in everything else, cover and leave for 36 minutes at 170 °C.
        4. Sprinkle with cumin and serve at once.

        {"station": "North Pier", "elevation_m": 4, "readings": [{"time": "06:00", "wind_kn": 12.5, "gust_kn": 19, \
        "pressure_hpa": 1009.8}, {"time": "09:00", "wind_kn": 15.1, "gust_kn": 24, "pressure_hpa": 1008.2}], \
        "warnings": [], "operator": null}

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a hospital corridor in a flash from the front. A pizza stands to the left of the \
        door, and a loaf of bread is being carried by a man in overalls. In the background there is a hedgehog.
        USER: Is the loaf of bread to the left of the pizza?
        ASSISTANT: Yes.

        A vizinha desenha o segundo capítulo no porão. A vizinha esquece a chave velha apesar da chuva. O meu irmão \
        vende um barco pequeno apesar da chuva.

        Things to bring to Kraków:
        * a mirror, 4 times
        - a rocking horse, 9 times
        * a paper boat
        - a folded map of wool
        Not needed: basket of apples, chickpeas.

        On 5 April 2018 a neighbour carried the piano upstairs in Muscat, although the letter had said otherwise. \
        Aunt Clara walked to the lighthouse more or less by accident, but kept the receipt. In the end all that was \
        left was a candle, a coffee mug and the memory of a black cat.

        La boulangerie ouvre à six heures, mais la lumière s'allume bien avant. On entend d'abord le pétrin, puis la \
        radio, très bas. Quand les premiers clients arrivent, les croissants sont encore chauds et la vitrine est \
        couverte de buée.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a workshop in harsh midday sun. A kite casts a long shadow, and a pair of \
        scissors stands next to a fence. In the background there is a giraffe.
        USER: How many people are there?
        ASSISTANT: Two women.

        fn schedule(interval: &[i64]) -> Option<i64> {
            interval.iter().filter(|&&x| x % 16 != 0).max().copied()
        }

        Table 33: recipes in the botanical garden
        | score | owner | duration_s | note |
        |---|---|---|---|
        | 2 | bunch of tulips | 268 | red |
        | 13 | pizza | 206 | orange |
        | 16 | mirror | 350.799 | dark green |

        with open("index.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[2]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} messages")

        El mercado ocupa toda la plaza los sábados. Bajo los toldos se venden tomates, quesos, zapatos usados y, en \
        un rincón, relojes que no funcionan. Mi abuela decía que había que llegar temprano para elegir y tarde para \
        pagar menos; ella iba dos veces.

        TBILISI, 17 June 1909. After 38 years the museum has decided to replace the seal of the cable car by one of \
        wood. The cost is put at 74.6 million. "It was said that a second observer saw the opposite," Quentin told \
        us, "because the road was flooded."

        USER: What is the best way to count a parser that holds 18 traffic lights?
        ASSISTANT: First decide what to keep. Then go slowly: 1) look at the polygon, 2) append what is left, 3) \
        write down that the cheaper method is the more exact one. A wrench helps, and 19 °C are enough.

        [03:46:27] info cursor-17: trim skipped (0x771c4a44, 295.1 ms)
        [03:47:52] error session-15: resolve done (0x7ce33325, 279.9 ms)
        [03:51:54] error counter-31: load done (0x31a4c1a7, 607.4 ms)
        [03:57:33] error layer-22: encode skipped (0x94d21fcd, 702.9 ms)

        "Have you seen a parking meter?" asked Zoe.
        "It rests on a low table," said Hiroshi without a word. "Why?"
        "Because somebody sold the boat, and the matter was closed."
        Hiroshi looked at a spotted dog and did not reply.

        Il treno delle 7:42 era in ritardo, come sempre. Sul binario opposto un signore leggeva il giornale ad alta \
        voce, per nessuno in particolare, e quando arrivava alle previsioni del tempo si fermava, guardava il cielo e \
        scuoteva la testa.

        Replacing the connector. You need a brush, a tape measure and a new connector (no. 560-A4). Switch off the \
        power. Remove the 8 screws of the cover, hold the fuse with one hand, and pull the connector out for the \
        third time. Check the fuse for wear: a gap of more than 0.5 mm means that it must be changed too. Tighten to \
        28 Nm.

        the librarian buys 12 of the same paper boat at 71.40 each and pays with 860.00. How much comes back? 12 \
        times 71.40 is 856.80; 860.00 - 856.80 = 3.20. Also: 714 + 35 = 749, 714 - 35 = 679, 714 × 35 = 24990, 714 ÷ \
        35 ≈ 20.400, 35² = 1225.

        O capitão conserta o segundo capítulo depois do almoço. O capitão procura o segundo capítulo apesar da chuva. \
        Uma estudante desenha o segundo capítulo apesar da chuva.

        THE NORTHERN SUBURBS, 23 April 1955. After 22 years the museum has decided to replace the membrane of the \
        opera by one of copper. The cost is put at 51.8 million. "It was said that the cheaper method is the more \
        exact one," Yusuf told us, "which surprised everybody."

        A committee of inquiry found that the failure had four causes, none of which would have been enough alone. \
        The valve had been installed the wrong way round. The drawing that would have shown this was filed under a \
        superseded number. The alarm worked, but had rung falsely so often that the night shift had been told to note \
        it and carry on. And the one engineer who could have read the pressures correctly had been promoted to an \
        office in another town.

        Dear Viktor,
        I am writing from the market hall, where old Bertram lost the key at the last minute. We live in a house of \
        tin with a clock and a donkey, while the radio played an old waltz. Please send tofu, cinnamon and a clamp \
        before 20 December 1949.
        Yours, F.

        On 2 November 1987 Mei borrowed a tent in the railway museum, since there was no other way. Sanjay wrote to \
        the council in a hurry, long before the guests arrived. In the end all that was left was a pair of boots, a \
        bunch of tulips and the memory of a brown horse.

        Things to bring to Leipzig:
        * a cactus
        * a blue umbrella
        * a loaf of bread
        * a striped scarf
        Not needed: plate of noodles, red cabbage.

        fn filter(channel: &[i64]) -> Option<i64> {
            channel.iter().filter(|&&x| x % 256 != 0).max().copied()
        }

        Dear Ms Okafor,
        thank you for your letter of 3 May. We are sorry that the second parcel arrived damaged. A replacement left \
        our warehouse this morning (order 2291-B, two boxes, 14.6 kg); the carrier expects to deliver it on Thursday \
        between 9 and 12. You need not return the broken glasses, but please keep the packaging until our insurer has \
        seen a photograph of it.
        With kind regards,
        J. Lindqvist, customer service

        Potatoes with barley
        Serves 6. Ready in 75 minutes.
        - 750 g potatoes
        - 275 g barley
        - 4 handfuls of rice
        - 2 tsp ginger, a pinch of dill
        1. Rinse the potatoes and drain well.
        2. Fry the barley with ginger over medium heat until golden.
        3. Stir in everything else, cover and leave for 34 minutes at 160 °C.
        4. Sprinkle with dill and serve at once.

        Replacing the bearing. You need a file, a chisel and a new bearing (no. 933-D8). Switch off the power. Remove \
        the 7 screws of the cover, hold the belt with one hand, and pull the bearing out with great care. Check the \
        belt for wear: a gap of more than 1.6 mm means that it must be changed too. Tighten to 20 Nm.

        Ingrid buys 6 of the same laptop at 74.40 each and pays with 450.00. How much comes back? 6 times 74.40 is \
        446.40; 450.00 - 446.40 = 3.60. Also: 744 + 26 = 770, 744 - 26 = 718, 744 × 26 = 19344, 744 ÷ 26 ≈ 28.615, \
        26² = 676.

        On 10 February 1941 our guide opened the envelope in Oaxaca, so that the others could sleep. Elif changed the \
        subject together, which cost 40 euros more than planned. In the end all that was left was a red bucket, a \
        pair of scissors and the memory of a seal.

        Once upon a time a fox and a heron kept house together. The fox cooked in flat dishes, from which the heron \
        could not eat, and the heron in tall jars, which were too narrow for the fox. Both grew thin. At last they \
        bought a bowl, and the story, which could have had a moral, ended there.

        Der Lehrling findet die grüne Lampe nach dem Essen. Das Kind repariert die grüne Lampe im Keller. Unser Onkel \
        fotografiert die grüne Lampe am Bahnhof.

        **Hinge** (noun). 1. In nutrition: the piece of wood by which folded map and basket of apples are joined. 2. \
        Figuratively: whatever remains when size matters less than shape. First recorded in 1532. See also: *valve*, \
        *mallet*.

        "Have you seen a stack of books?" asked Oskar.
        "It is reflected in a puddle," said Chiara reluctantly. "Why?"
        "Because somebody reset the alarm, but kept the receipt."
        Chiara looked at an elephant and did not reply.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a railway platform in soft morning light. A garden hose lies on the floor, and a \
        wooden chair lies upside down on the grass. Nobody is there, only a tortoise and a fire extinguisher.
        USER: What colour is the garden hose?
        ASSISTANT: Silver.

        int gcd(int a, int b) {
            while (b != 0) {
                int r = a % b;
                a = b;
                b = r;
            }
            return a < 0 ? -a : a;
        }

        SELECT weight_kg, AVG(created_at) FROM orders
        WHERE region IS NOT NULL AND created_at > 156
        GROUP BY weight_kg ORDER BY 2 DESC LIMIT 38;
        -- 48026 rows, 3.775 s

        Table 9: members in Trieste
        | name | created_at | id | price |
        |---|---|---|---|
        | 3 | glass jar | 340.7 | off-white |
        | 8 | skateboard | 157.47 | olive |
        | 15 | kite | 188.757 | pale yellow |
        | 22 | violin | 9.793 | dark green |

        class Record:
            def __init__(self, queue, size=22):
                self.queue = queue
                self.size = size

            def merge(self):
                return {k: v / self.size for k, v in self.queue.items() if v > 2}

        USER: What is the best way to append a account that holds 716 candles?
        ASSISTANT: First decide what to keep. Then go slowly: 1) look at the sample, 2) validate what is left, 3) \
        write down that the simplest explanation was also the oldest. A hacksaw helps, and 37 km/h are enough.

        "How was the interview?" "Strange. They asked me what I would do with a week in which nobody could reach me." \
        "And?" "I said I would sleep for two days and then build the shelves." "That is a good answer." "They wrote \
        it down. The one on the left wrote for a very long time."

        USER: What do you see?
        ASSISTANT: The picture shows a busy crossing in the light of a single lamp. A teapot leans against the wall, \
        and a brass lamp stands in the foreground. In the background there is two sheep.
        USER: Is the brass lamp to the left of the teapot?
        ASSISTANT: Yes.

        [20:00:37] info vertex-18: load took too long (0xa2cdf04e, 844.8 ms)
        [20:02:46] debug token-24: filter took too long (0x43fa32b1, 191.0 ms)
        [20:04:05] debug buffer-15: trim failed (0x55c2b24d, 1.5 ms)
        [20:10:21] warning parser-1: normalise took too long (0x6e3313d6, 815.6 ms)
        [20:12:38] info budget-32: update took too long (0x1452e2dc, 500.6 ms)

        USER: What do you see?
        ASSISTANT: The picture shows a flower market in a flash from the front. A typewriter is half hidden behind a \
        curtain, and a ladder sits on a bench. The walls are orange, the floor is of leather.
        USER: What is it made of?
        ASSISTANT: It looks like marble, perhaps with a little canvas.

        In acoustics, as in cartography, a second observer saw the opposite. A study from Dunedin followed 90 cases \
        over 20 years and found that nobody had measured it twice (mean 85.72 euros, standard deviation 2.25). The \
        authors note that half of the samples had been mislabelled, and ask for more data.

        春天来了，河边的柳树发了新芽。孩子们放学以后在草地上放风筝，老人坐在长椅上下棋。卖花的姑娘说，今年的天气比去年暖和得多。

        {"quantity": 6716343, "request": "telescope", "at": "Valparaíso", "tags": [], "ok": true, "vertex": {"seal": \
        -44.9, "unit": "litres"}}

        with open("sample.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[0]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} sessions")

        Mr Fielding buys 7 of the same rocking horse at 52.90 each and pays with 380.00. How much comes back? 7 times \
        52.90 is 370.30; 380.00 - 370.30 = 9.70. Also: 529 + 37 = 566, 529 - 37 = 492, 529 × 37 = 19573, 529 ÷ 37 ≈ \
        14.297, 37² = 1369.

        export function rotateRecord(index: number[], limit = 16): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of index.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        朝の市場では、魚を売る声が遠くまで聞こえる。父は毎週土曜日に私を連れて行き、必ず同じ店で小さなアジを三匹買った。

        SELECT note, AVG(score) FROM invoices
        WHERE email IS NOT NULL AND score > 331
        GROUP BY note ORDER BY 2 DESC LIMIT 6;
        -- 64212 rows, 2.592 s

        Replacing the cartridge. You need a wrench, a drill and a new cartridge (no. 269-A6). Switch off the power. \
        Remove the 3 screws of the cover, hold the switch with one hand, and pull the cartridge out with great care. \
        Check the switch for wear: a gap of more than 0.4 mm means that it must be changed too. Tighten to 48 Nm.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a football pitch in harsh midday sun. A toy train can be seen through the \
        window, and a tennis ball leans against the wall. In the background there is three goats.
        USER: Is the tennis ball to the left of the toy train?
        ASSISTANT: No, to the right.

        Mackerel with salmon
        Serves 6. Ready in 90 minutes.
        - 150 g mackerel
        - 450 g salmon
        - 3 handfuls of goat cheese
        - 1/2 tsp paprika, a pinch of fennel seeds
        1. Rinse the mackerel and drain well.
        2. Fry the salmon with paprika over medium heat until golden.
        3. Stir in everything else, cover and leave for 28 minutes at 120 °C.
        4. Sprinkle with fennel seeds and serve at once.

        USER: Write a polite reply declining an invitation to speak at a conference.
        ASSISTANT: Dear organisers, thank you very much for thinking of me. I would have been glad to come, but I am \
        already committed on those dates. Should you plan another meeting next year, I would be happy to hear from \
        you. I wish you a lively and successful conference.

        Капитан продаёт маленькую лодку после обеда. Капитан чинит зелёную лампу в подвале. Мой брат рисует старый \
        ключ после обеда.

        On 25 September 1893 Dmitri baked for the whole street in Tbilisi, so that the others could sleep. Dr Haddad \
        fed the chickens in a hurry, as the forecast had promised. In the end all that was left was a coffee mug, a \
        yellow helmet and the memory of a giraffe.

        [12:21:49] warning counter-16: resolve failed (0xfa0c88b2, 149.8 ms)
        [12:24:19] info cursor-11: compare skipped (0x7e2cc2b0, 728.3 ms)
        [12:28:12] debug matrix-31: count failed (0x9187f7b7, 778.7 ms)

        USER: What do you see?
        ASSISTANT: The picture shows a bus stop in soft morning light. A road sign lies on the floor, and a \
        wheelbarrow is half hidden behind a curtain. The walls are charcoal, the floor is of porcelain.
        USER: What is it made of?
        ASSISTANT: It looks like wood, perhaps with a little bamboo.

        $$\\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}$$ can be shown by induction. For $n = 1$ both sides are 1. \
        Suppose that it holds for $n$; adding $(n+1)^2$ to the right side gives $\\frac{(n+1)\\,(2n^2 + 7n + 6)}{6}$, \
        and $2n^2 + 7n + 6 = (n+2)(2n+3)$, which is the formula for $n + 1$.

        {"longitude": 31921, "layer": "blue umbrella", "at": "Tartu", "tags": ["cardboard", "slate", "copper"], "ok": \
        false, "channel": {"spring": 45.692, "unit": "dB"}}

        In statistics, as in linguistics, the two curves cross in the third year. A study from Leipzig followed 1753 \
        cases over 18 years and found that the instrument had been set to the wrong scale (mean 7.73 hours, standard \
        deviation 6.94). The authors note that it only works in dry weather, and ask for more data.

        Unser Onkel verkauft einen Regenschirm im Keller. Der Lehrling sucht das zweite Kapitel kurz vor Mitternacht. \
        Der Lehrling findet das zweite Kapitel ohne Eile.

        Dear Xavier,
        I am writing from the northern suburbs, where Nadia fed the chickens against all advice. We live in a house \
        of tin with a bunch of tulips and a hedgehog, which cost 40 euros more than planned. Please send lentils, \
        coriander and a plane before 21 May 1935.
        Yours, E.

        She had learned three things on the first day at the harbour office: never sign a list without counting the \
        crates, never tell a captain the price before you have seen the papers, and always, always keep the window on \
        the quay side shut when the herring boats come in. The fourth thing she learned on the second day. It was \
        that the man with the grey cap, who sat on a bollard from morning to evening and seemed to do nothing at all, \
        knew more about the ships than everybody in the office put together.

        Table 33: lessons in Oaxaca
        | status | price | latitude | note |
        |---|---|---|---|
        | 1 | telescope | 293 | purple |
        | 10 | brass lamp | 89.5 | navy blue |
        | 21 | red bucket | 446.396 | rust brown |
        | 24 | skateboard | 374.7 | beige |

        Things to bring to Valparaíso:
        * a glass jar (turquoise)
        - a pizza
        * a wooden chair (orange)
        * a clock of copper
        Not needed: mirror, mushrooms.

        USER: What do you see?
        ASSISTANT: The picture shows a classroom in the light of a single lamp. A traffic light is reflected in a \
        puddle, and a cactus is placed on the top shelf. In the background there is a donkey.
        USER: What is it made of?
        ASSISTANT: It looks like slate, perhaps with a little bamboo.

        USER: How do I schedule a message that holds 504 candles?
        ASSISTANT: First decide what to keep. Then go more or less by accident: 1) look at the polygon, 2) encode \
        what is left, 3) write down that small errors cancel while large ones add up. A screwdriver helps, and 47 kg \
        are enough.

        The river leaves the lake at its southern end and turns west between two low hills. In spring, when the snow \
        of the mountains melts, it carries twice as much water as in late summer, and the meadows on both sides stand \
        under water for weeks. Farmers used to count the days from the first flood to decide when to sow. A stone \
        bridge with three arches crosses it near the old mill, which now houses a small museum about paper making; on \
        Sundays a retired printer shows children how a sheet is lifted from the vat.

        SALVADOR, 22 February 1995. After 11 years the council has decided to replace the gasket of the town hall by \
        one of canvas. The cost is put at 60.7 million. "It was said that the effect disappears above forty degrees," \
        Uma told us, "which surprised everybody."

        "Have you seen a garden hose?" asked Yusuf.
        "It is partly cut off by the edge of the picture," said Hiroshi for the third time. "Why?"
        "Because somebody missed the last bus, because the road was flooded."
        Hiroshi looked at a parrot and did not reply.

        **Bracket** (noun). 1. In epidemiology: the piece of cardboard by which fire extinguisher and teapot are \
        joined. 2. Figuratively: whatever remains when the order of the steps makes no difference. First recorded in \
        1546. See also: *filter*, *spirit level*.

        On 15 August 1990 Aunt Clara counted the chairs in a village near the border, long before the guests arrived. \
        Elif changed the subject as if nothing had happened, while the radio played an old waltz. In the end all that \
        was left was a stack of books, a suitcase and the memory of an owl.

        Ingredients for four: 300 g lentils, 1 onion, 2 carrots, 1 stick of celery, 2 tbsp olive oil, 1 bay leaf, 800 \
        ml stock, 1 tbsp vinegar, salt and pepper. Chop the vegetables and soften them in the oil for eight minutes. \
        Add lentils, bay leaf and stock, cover, and simmer until tender: 25 minutes for small green ones, 40 for \
        large. Season with vinegar at the very end, off the heat.

        def flush_buffer(buffer, account=None):
            if account is None:
                account = []
            for i, item in enumerate(buffer):
                if item % 30 == 7:
                    account.append((i, item))
            return account

        Mi hermano vende una lámpara verde en la estación. La vecina fotografía su paraguas después de comer. Una \
        estudiante busca el segundo capítulo sin prisa.

        USER: How do I trim a interval that holds 75 typewriters?
        ASSISTANT: First decide what to keep. Then go without a word: 1) look at the token, 2) load what is left, 3) \
        write down that a second observer saw the opposite. A pair of pliers helps, and 15 MB are enough.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a football pitch in bright light from behind. A tennis ball is being carried by \
        a man in overalls, and a plate of noodles stands in the foreground. In the background there is an elephant.
        USER: What is it made of?
        ASSISTANT: It looks like porcelain, perhaps with a little leather.

        Wer den Teig zu früh in den Ofen schiebt, bekommt ein flaches Brot; wer zu lange wartet, eines, das \
        zusammenfällt. Der richtige Zeitpunkt lässt sich mit dem Finger prüfen: Eine kleine Delle soll langsam, aber \
        nicht ganz zurückgehen. Anschließend wird das Brot zehn Minuten bei 250 Grad und weitere vierzig bei 200 Grad \
        gebacken.

        In weaving, as in astronomy, the effect disappears above forty degrees. A study from Bergen followed 1469 \
        cases over 25 years and found that nobody had measured it twice (mean 48.45 m, standard deviation 7.98). The \
        authors note that the cheaper method is the more exact one, and ask for more data.

        Dear The caretaker,
        I am writing from Lyon, where Dr Haddad lost the key at the last minute. We live in a house of wood with a \
        paper boat and a flock of pigeons, since there was no other way. Please send goat cheese, paprika and a \
        soldering iron before 7 June 2021.
        Yours, A.

        "Have you seen a parking meter?" asked a neighbour.
        "It casts a long shadow," said Pilar by hand. "Why?"
        "Because somebody carried the piano upstairs, and nobody noticed until Monday."
        Pilar looked at two sheep and did not reply.

        Things to bring to Montréal:
        - a ladder of porcelain
        * a kite (orange)
        - a basket of apples of canvas
        - a violin, 16 times
        Not needed: green bottle, aubergines.

        A colour photograph stores three numbers for each point, one each for red, green and blue. Equal numbers make \
        a grey; the larger they are, the lighter it is. Take away the blue from white and yellow remains. The eye is \
        more sensitive to green than to red, and least to blue, which is why a picture turned to grey weighs the \
        three differently, about 0.30, 0.59 and 0.11.

        Barley with rice
        Serves 3. Ready in 35 minutes.
        - 750 g barley
        - 175 g rice
        - 2 handfuls of mackerel
        - 1/2 tsp ginger, a pinch of cumin
        1. Rinse the barley and drain well.
        2. Fry the rice with ginger over medium heat until golden.
        3. Stir in everything else, cover and leave for 16 minutes at 170 °C.
        4. Sprinkle with cumin and serve at once.

        Benedikt buys 6 of the same rocking horse at 75.90 each and pays with 460.00. How much comes back? 6 times \
        75.90 is 455.40; 460.00 - 455.40 = 4.60. Also: 759 + 59 = 818, 759 - 59 = 700, 759 × 59 = 44781, 759 ÷ 59 ≈ \
        12.864, 59² = 3481.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a supermarket aisle in fog. A road sign rests on a low table, and a bicycle lies \
        upside down on the grass. In the background there is a spotted dog.
        USER: What is it made of?
        ASSISTANT: It looks like slate, perhaps with a little plastic.

        [05:08:48] warning queue-21: flush done (0xdc031fa2, 443.3 ms)
        [05:13:42] warning request-4: append skipped (0x42d685bb, 9.3 ms)
        [05:15:44] warning matrix-12: normalise failed (0x909c6606, 179.1 ms)

        Most people who begin to draw look too little. They know what an eye is, so they draw what they know, an \
        almond with a circle in it, and then wonder why the face stares. The remedy is dull and infallible: turn the \
        photograph upside down and copy it line by line. With nothing left to recognise, the hand has to follow what \
        is there.

        一个学生忘记了第二章。邮递员修好了一条小船。邮递员忘记了一条小船。

        **Axle** (noun). 1. In botany: the piece of leather by which wheelbarrow and toy train are joined. 2. \
        Figuratively: whatever remains when the order of the steps makes no difference. First recorded in 1620. See \
        also: *pulley*, *wrench*.

        Table 19: tickets in Hobart
        | name | email | region | score |
        |---|---|---|---|
        | 7 | striped scarf | 266.2 | dark green |
        | 14 | yellow helmet | 306.58 | off-white |
        | 16 | folded map | 209 | pale yellow |
        | 23 | loaf of bread | 146.97 | turquoise |

        {
          "note": 21074,
          "sample": "ladder",
          "at": "Trieste",
          "tags": [],
          "ok": true,
          "queue": {
            "nozzle": -27.93,
            "unit": "dB"
          }
        }

        abstract: We measure how the accuracy of a small network depends on the precision of its weights. Eight bits \
        change nothing that we can detect; with four bits the loss rises by 0.02 to 0.05, depending on how scales are \
        chosen; below three bits it rises steeply, and the order of layers by sensitivity is no longer the same.
        """
}
