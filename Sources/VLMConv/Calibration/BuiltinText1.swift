// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text1 = """
        ERROR 2024-02-11T03:14:07Z worker-3: connection to db-2.internal:5432 refused (attempt 5 of 5)
        WARN  2024-02-11T03:14:07Z worker-3: job 88213 returned to the queue
        INFO  2024-02-11T03:14:09Z scheduler: 3 workers idle, 1 failed, 41 jobs waiting
        INFO  2024-02-11T03:15:00Z health: ok (uptime 16d 4h, rss 212 MiB)

        Table 26: tickets in Izmir
        | price | longitude | level | name |
        |---|---|---|---|
        | 6 | stack of books | 153.71 | navy blue |
        | 8 | road sign | 372.20 | dark green |
        | 18 | cactus | 81.131 | charcoal |

        export function normaliseInterval(session: number[], limit = 16): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of session.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        BERGEN, 18 June 1918. After 37 years the port has decided to replace the switch of the cable car by one of \
        plastic. The cost is put at 64.5 million. "It was said that the order of the steps makes no difference," the \
        apprentice told us, "so that the others could sleep."

        SELECT latitude, AVG(region) FROM recipes
        WHERE owner IS NOT NULL AND region > 101
        GROUP BY latitude ORDER BY 2 DESC LIMIT 38;
        -- 3923 rows, 3.777 s

        Inflation means that money buys less. If prices rise by 3 % a year, what costs 100 today will cost about 134 \
        in ten years, and 100 put under a mattress will then buy what 74 buys now. A rule of thumb: divide 70 by the \
        rate to get the number of years in which prices double.

        船长正在找绿色的台灯。船长正在找第二章。一个学生忘记了那把旧钥匙。

        USER: Explain how to merge a parser that holds 888 violins?
        ASSISTANT: First decide what to keep. Then go at the last minute: 1) look at the index, 2) trim what is left, \
        3) write down that nobody had measured it twice. A tape measure helps, and 20 hours are enough.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a terrace with plants in neon light. A paper boat can be seen through the \
        window, and a mirror leans against the wall. In the background there is a hedgehog.
        USER: Is the mirror to the left of the paper boat?
        ASSISTANT: No, to the right.

        Dmitri buys 8 of the same pair of boots at 36.90 each and pays with 300.00. How much comes back? 8 times \
        36.90 is 295.20; 300.00 - 295.20 = 4.80. Also: 369 + 12 = 381, 369 - 12 = 357, 369 × 12 = 4428, 369 ÷ 12 ≈ \
        30.750, 12² = 144.

        USER: How many legs does a spider have?
        ASSISTANT: A spider has eight legs. Insects, such as ants and bees, have six.
        USER: And a crab?
        ASSISTANT: Ten, counting the two that carry its claws.

        On 8 February 1905 Elif baked for the whole street in the market hall, but kept the receipt. Chiara wrote to \
        the council for the third time, because the road was flooded. In the end all that was left was a red bucket, \
        a suitcase and the memory of a brown horse.

        La voisine répare le deuxième chapitre peu avant minuit. Notre tante dessine une lampe verte malgré la pluie. \
        Notre tante répare une lampe verte malgré la pluie.

        Things to bring to Osaka:
        - a kite (pale yellow)
        * a bunch of tulips of porcelain
        - a striped scarf
        - a glass jar, 13 times
        Not needed: teapot, goat cheese.

        with open("layer.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[4]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} cursors")

        В маленьком городе было две библиотеки. В одной книги стояли по алфавиту, в другой по цвету обложек. Дети \
        ходили во вторую, взрослые в первую, и только старый почтальон бывал в обеих.

        "Have you seen a brass lamp?" asked Quentin.
        "It hangs from a hook," said Luís more or less by accident. "Why?"
        "Because somebody measured the room again, as the forecast had promised."
        Luís looked at a giraffe and did not reply.

        Replacing the valve. You need a hacksaw, a brush and a new valve (no. 668-A4). Switch off the power. Remove \
        the 3 screws of the cover, hold the pulley with one hand, and pull the valve out together. Check the pulley \
        for wear: a gap of more than 1.3 mm means that it must be changed too. Tighten to 45 Nm.

        [18:33:49] error token-13: rotate done (0x85bce7c4, 808.3 ms)
        [18:35:28] info record-16: update failed (0xf825bccf, 768.1 ms)
        [18:37:43] warning request-28: filter done (0x1f4d42d9, 12.8 ms)
        [18:39:41] info vertex-23: schedule took too long (0x68cb2095, 476.6 ms)
        [18:40:40] warning message-29: load took too long (0xd3712571, 210.6 ms)

        Aubergines with lentils
        Serves 6. Ready in 40 minutes.
        - 200 g aubergines
        - 100 g lentils
        - 4 handfuls of leeks
        - 1/2 tsp chilli, a pinch of soy sauce
        1. Rinse the aubergines and drain well.
        2. Fry the lentils with chilli over medium heat until golden.
        3. Stir in everything else, cover and leave for 19 minutes at 200 °C.
        4. Sprinkle with soy sauce and serve at once.

        SELECT c.name, COUNT(o.id) AS orders, SUM(o.total) AS revenue
        FROM customers AS c
        LEFT JOIN orders AS o ON o.customer_id = c.id AND o.placed_at >= '2023-01-01'
        GROUP BY c.name
        HAVING COUNT(o.id) > 3
        ORDER BY revenue DESC
        LIMIT 20;

        USER: Write a caption for this image.
        ASSISTANT: The picture shows an empty car park in the light of a single lamp. A garden hose stands in the \
        foreground, and a yellow helmet is partly cut off by the edge of the picture. In the background there is a \
        flock of pigeons.
        USER: How many people are there?
        ASSISTANT: Two women.

        USER: What does this picture show?
        ASSISTANT: The picture shows a hotel lobby in candlelight. A wheelbarrow stands to the left of the door, and \
        a fire extinguisher is reflected in a puddle. Nobody is there, only a black cat and a toy train.
        USER: How many people are there?
        ASSISTANT: One, a man with a hat.

        **Hinge** (noun). 1. In optics: the piece of wool by which coffee mug and green bottle are joined. 2. \
        Figuratively: whatever remains when size matters less than shape. First recorded in 1513. See also: *filter*, \
        *clamp*.

        On 24 May 2017 Mr Fielding translated the inscription in Lyon, which cost 40 euros more than planned. Amara \
        painted the shutters with great care, and the matter was closed. In the end all that was left was a pizza, a \
        clock and the memory of five ducklings.

        USER: Can you explain recursion to a ten-year-old?
        ASSISTANT: Imagine you stand in a long queue and want to know your place. You ask the person in front of you, \
        "What is your number?" They do not know either, so they ask the person in front of them, and so on, until the \
        question reaches the first person, who knows: "One!" Now the answers travel back, and everybody adds one. \
        Asking the same question about a smaller problem, until it is so small that the answer is obvious: that is \
        recursion.

        In geology, as in linguistics, the cheaper method is the more exact one. A study from a village near the \
        border followed 1119 cases over 17 years and found that the two curves cross in the third year (mean 69.22 \
        litres, standard deviation 2.00). The authors note that a second observer saw the opposite, and ask for more \
        data.

        {
          "score": 257421,
          "sample": "folded map",
          "at": "Montréal",
          "tags": [
            "wood",
            "porcelain"
          ],
          "ok": false,
          "channel": {
            "bearing": 49.637,
            "unit": "euros"
          }
        }

        Dear Benedikt,
        I am writing from Hobart, where Dr Haddad borrowed a tent slowly. We live in a house of copper with a ladder \
        and a seal, which surprised everybody. Please send potatoes, fennel seeds and a spirit level before 2 July \
        1923.
        Yours, J.

        Things to bring to the railway museum:
        - a basket of apples (pink)
        - a pair of scissors of rubber
        * a bicycle of canvas
        * a telescope, 14 times
        Not needed: rocking horse, walnuts.

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

        On 28 August 1934 Xavier walked to the lighthouse in Oaxaca, since there was no other way. Ingrid signed the \
        contract as if nothing had happened, and nobody noticed until Monday. In the end all that was left was a \
        plate of noodles, a skateboard and the memory of two sheep.

        In hydraulics, as in epidemiology, the instrument had been set to the wrong scale. A study from the northern \
        suburbs followed 2534 cases over 28 years and found that the effect disappears above forty degrees (mean \
        79.13 lux, standard deviation 0.89). The authors note that the simplest explanation was also the oldest, and \
        ask for more data.

        USER: What is the best way to validate a queue that holds 844 laptops?
        ASSISTANT: First decide what to keep. Then go reluctantly: 1) look at the counter, 2) encode what is left, 3) \
        write down that it only works in dry weather. A drill helps, and 37 m are enough.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a sandy beach in an overcast sky. A tennis ball sits on a bench, and a \
        typewriter stands next to a fence. In the background there is a sleeping fox.
        USER: Is the typewriter to the left of the tennis ball?
        ASSISTANT: No, to the right.

        How a lock on a canal works: the boat enters the chamber while the water stands at its level. The gates \
        behind it close. Valves in the upper gates open, water flows in from above by its own weight, and the boat \
        rises with it. Once the levels inside and above are equal, the pressure on the upper gates is gone and they \
        can be swung open by hand. Nothing is pumped; each passage simply lets one chamber of water run downhill.

        USER: What do you see?
        ASSISTANT: The picture shows a street after rain in a flash from the front. A loaf of bread is placed on the \
        top shelf, and a candle rests on a low table. In the background there is three goats.
        USER: Is the candle to the left of the loaf of bread?
        ASSISTANT: Yes.

        Dear Aunt Clara,
        I am writing from Kraków, where the pilot lost the key by hand. We live in a house of porcelain with a glass \
        jar and a spotted dog, although the letter had said otherwise. Please send mackerel, thyme and a plane before \
        10 February 2021.
        Yours, C.

        On 23 November 1995 Pilar opened the envelope in Nairobi, while the radio played an old waltz. Nadia drew a \
        map of the cellar without a word, long before the guests arrived. In the end all that was left was a plate of \
        noodles, a coffee mug and the memory of an elephant.

        **Connector** (noun). 1. In navigation: the piece of copper by which toy train and ladder are joined. 2. \
        Figuratively: whatever remains when small errors cancel while large ones add up. First recorded in 1909. See \
        also: *gasket*, *wrench*.

        It is often said that the camera cannot lie, usually by people who have never been asked to stand a little \
        further to the left. Whoever frames a picture decides what has not happened. Ten steps back, and the cheering \
        crowd is seen to be forty people in an empty square; a longer lens, and the two statesmen who could not bear \
        each other are standing shoulder to shoulder.

        {
          "created_at": 15345,
          "polygon": "garden hose",
          "at": "Salvador",
          "tags": [
            "wool"
          ],
          "ok": true,
          "account": {
            "membrane": 17.463,
            "unit": "dB"
          }
        }

        Replacing the belt. You need a soldering iron, a chisel and a new belt (no. 521-B5). Switch off the power. \
        Remove the 6 screws of the cover, hold the fuse with one hand, and pull the belt out in a hurry. Check the \
        fuse for wear: a gap of more than 1.1 mm means that it must be changed too. Tighten to 52 Nm.

        THE ISLAND, 17 June 1983. After 32 years the council has decided to replace the seal of the town hall by one \
        of cardboard. The cost is put at 7.1 million. "It was said that half of the samples had been mislabelled," \
        our guide told us, "which cost 40 euros more than planned."

        a neighbour buys 11 of the same rocking horse at 25.70 each and pays with 290.00. How much comes back? 11 \
        times 25.70 is 282.70; 290.00 - 282.70 = 7.30. Also: 257 + 51 = 308, 257 - 51 = 206, 257 × 51 = 13107, 257 ÷ \
        51 ≈ 5.039, 51² = 2601.

        | planet  | distance (million km) | day      | moons |
        |---------|----------------------:|---------:|------:|
        | Mercury |                  57.9 | 4222.6 h |     0 |
        | Venus   |                 108.2 | 2802.0 h |     0 |
        | Earth   |                 149.6 |   24.0 h |     1 |
        | Mars    |                 227.9 |   24.7 h |     2 |

        SELECT weight_kg, AVG(note) FROM orders
        WHERE owner IS NOT NULL AND note > 8
        GROUP BY weight_kg ORDER BY 2 DESC LIMIT 29;
        -- 73420 rows, 3.290 s

        Table 23: lessons in Porto
        | duration_s | level | price | name |
        |---|---|---|---|
        | 7 | paper boat | 274 | rust brown |
        | 9 | loaf of bread | 170 | charcoal |
        | 17 | green bottle | 129.10 | olive |
        | 27 | clock | 221.393 | off-white |

        Beans with rice
        Serves 7. Ready in 110 minutes.
        - 550 g beans
        - 125 g rice
        - 1 handfuls of pumpkin
        - 2 tsp cumin, a pinch of lemon zest
        1. Rinse the beans and drain well.
        2. Fry the rice with cumin over medium heat until golden.
        3. Stir in everything else, cover and leave for 33 minutes at 210 °C.
        4. Sprinkle with lemon zest and serve at once.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a narrow kitchen in bright light from behind. A yellow helmet lies upside down \
        on the grass, and a road sign casts a long shadow. The walls are red, the floor is of tin.
        USER: What is it made of?
        ASSISTANT: It looks like wood, perhaps with a little leather.

        Sourdough rises because two kinds of organisms live in it. Wild yeasts turn sugar into carbon dioxide and a \
        little alcohol; bacteria turn it into acids, which give the bread its taste and keep mould away. A starter \
        that smells of vinegar is hungry. Feed it with equal weights of flour and water, leave it somewhere warm, and \
        use it when it has doubled and just begins to sink in the middle.

        O capitão desenha a chave velha depois do almoço. O meu irmão esquece uma lâmpada verde apesar da chuva. O \
        capitão procura um barco pequeno apesar da chuva.

        export function flushBuffer(matrix: number[], limit = 1000): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of matrix.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        [12:45:59] error budget-8: count failed (0xe1301359, 447.9 ms)
        [12:49:35] warning token-10: resolve skipped (0xcf7a35dd, 841.0 ms)
        [12:51:49] error matrix-13: compare failed (0xc685a487, 133.0 ms)

        with open("buffer.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[3]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} sessions")

        Breaking: the ferry between the two islands has been suspended until further notice after a cable of the \
        landing stage snapped during last night's storm. No one was hurt. Around 140 commuters were taken across by \
        fishing boats this morning; the operator says that a provisional stage could be in place by Friday.

        Mon frère dessine un petit bateau au grenier. La voisine répare son parapluie malgré la pluie. Le capitaine \
        cherche un petit bateau sans se presser.

        "Have you seen a basket of apples?" asked Rosa.
        "It is being carried by a man in overalls," said Wanda against all advice. "Why?"
        "Because somebody learned to swim, and the matter was closed."
        Wanda looked at a tortoise and did not reply.

        "Have you seen a telescope?" asked Jamal.
        "It is half hidden behind a curtain," said the librarian before breakfast. "Why?"
        "Because somebody missed the last bus, as the forecast had promised."
        The librarian looked at a seal and did not reply.

        In book-keeping, as in metallurgy, the simplest explanation was also the oldest. A study from Dunedin \
        followed 556 cases over 8 years and found that small errors cancel while large ones add up (mean 35.26 kWh, \
        standard deviation 0.07). The authors note that nobody had measured it twice, and ask for more data.

        The moon keeps the same face towards us because it turns once on its axis for each turn around the earth. \
        That is no coincidence. Long ago it spun faster, and the earth's pull raised a bulge in its rock, which was \
        dragged ahead of the line between the two; the pull on that bulge acted as a brake until there was nothing \
        left to slow down. In the same way the tides slow the earth: four hundred million years ago a day had \
        twenty-two hours.

        On 28 October 2015 Zoe planted eleven walnut trees in Chennai, although the letter had said otherwise. Viktor \
        changed the subject as if nothing had happened, so that the others could sleep. In the end all that was left \
        was a mirror, a bicycle and the memory of a hedgehog.

        Things to bring to the upper valley:
        * a red bucket, 19 times
        - a candle, 11 times
        - a suitcase
        - a laptop
        Not needed: teapot, red cabbage.

        USER: What do you see?
        ASSISTANT: The picture shows a living room in the last light of the evening. A brass lamp lies on the floor, \
        and a parking meter stands to the left of the door. In the background there is an owl.
        USER: How many people are there?
        ASSISTANT: Three.

        Dear Hiroshi,
        I am writing from the botanical garden, where Farid called the station more or less by accident. We live in a \
        house of slate with a wheelbarrow and five ducklings, since there was no other way. Please send tofu, dill \
        and a mallet before 4 August 1978.
        Yours, J.

        Geçen yaz köydeki eski fırını onardık. İlk ekmek yandı, ikincisi çiğ kaldı, üçüncüsünü bütün komşular \
        birlikte yedik.

        Sanjay buys 3 of the same fire extinguisher at 82.20 each and pays with 250.00. How much comes back? 3 times \
        82.20 is 246.60; 250.00 - 246.60 = 3.40. Also: 822 + 67 = 889, 822 - 67 = 755, 822 × 67 = 55074, 822 ÷ 67 ≈ \
        12.269, 67² = 4489.

        MUSCAT, 5 March 2000. After 23 years the museum has decided to replace the axle of the cable car by one of \
        leather. The cost is put at 76.3 million. "It was said that the cheaper method is the more exact one," old \
        Bertram told us, "but kept the receipt."

        **Spring** (noun). 1. In acoustics: the piece of wood by which skateboard and pair of scissors are joined. 2. \
        Figuratively: whatever remains when the two curves cross in the third year. First recorded in 1510. See also: \
        *bracket*, *pair of pliers*.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a vegetable garden in harsh midday sun. A traffic light hangs from a hook, and a \
        blue umbrella can be seen through the window. Nobody is there, only a spotted dog and a violin.
        USER: Is the blue umbrella to the left of the traffic light?
        ASSISTANT: Yes.

        USER: There is a red cube on a blue cube, and a green ball to the left of both. What is at the bottom?
        ASSISTANT: The blue cube is at the bottom, because the red cube stands on it. The green ball is beside them, \
        on the left.

        Table 10: shipments in Trieste
        | price | score | duration_s | quantity |
        |---|---|---|---|
        | 7 | bunch of tulips | 264.9 | dark green |
        | 8 | cactus | 248.9 | pale yellow |
        | 20 | pizza | 444.91 | turquoise |
        | 25 | tennis ball | 323.73 | purple |

        On 24 November 1933 Yusuf sold the boat in Tartu, because the road was flooded. Uma repaired the pump with \
        great care, which surprised everybody. In the end all that was left was a typewriter, a stack of books and \
        the memory of a flock of pigeons.

        Replacing the nozzle. You need a file, a screwdriver and a new nozzle (no. 104-B1). Switch off the power. \
        Remove the 7 screws of the cover, hold the cartridge with one hand, and pull the nozzle out together. Check \
        the cartridge for wear: a gap of more than 1.4 mm means that it must be changed too. Tighten to 5 Nm.

        def encode_record(record, account=None):
            if account is None:
                account = []
            for i, item in enumerate(record):
                if item % 51 == 3:
                    account.append((i, item))
            return account

        Before the move: measure the stairs (sofa!), cancel electricity by the 20th, boxes from Leo, ask Ruth about \
        the van, label everything by room, photograph the meter, keys -> caretaker, forward mail, defrost the freezer \
        two days before, keep kettle + mugs + toolbox in the car.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a snow-covered field in fog. A pair of boots stands in the foreground, and a \
        wooden chair is being carried by a man in overalls. In the background there is a brown horse.
        USER: How many people are there?
        ASSISTANT: Three.

        [01:31:19] info vertex-19: schedule took too long (0x0e2ac864, 441.7 ms)
        [01:35:57] error channel-28: resolve took too long (0x18483ff0, 578.9 ms)
        [01:39:03] error index-6: merge done (0xf7b2f8a4, 390.6 ms)
        [01:44:33] error polygon-18: rotate done (0x4e66336b, 0.3 ms)

        Le capitaine oublie le deuxième chapitre au grenier. Mon frère photographie une lampe verte sans se presser. \
        Une étudiante dessine le deuxième chapitre malgré la pluie.

        func normalise(_ layer: [Double], by queue: Double = 1.23) -> [Double] {
            guard !layer.isEmpty else { return [] }
            return layer.map { $0 * queue + 1 }
        }

        #!/bin/sh
        # Keeps the seven newest archives and removes the rest.
        set -eu
        cd "${1:?folder}"
        ls -1t backup-*.tar.gz 2>/dev/null | tail -n +8 | while read -r file; do
            printf 'removing %s\\n' "$file"
            rm -- "$file"
        done

        USER: How do I append a request that holds 584 clocks?
        ASSISTANT: First decide what to keep. Then go at the last minute: 1) look at the cursor, 2) count what is \
        left, 3) write down that half of the samples had been mislabelled. A mallet helps, and 50 mm are enough.

        Il postino disegna una lampada verde dopo pranzo. Mio fratello cerca il secondo capitolo in cantina. Mio \
        fratello ripara la vecchia chiave senza fretta.

        SELECT email, AVG(price) FROM invoices
        WHERE longitude IS NOT NULL AND price > 100
        GROUP BY email ORDER BY 2 DESC LIMIT 11;
        -- 6217 rows, 0.383 s

        {
          "score": 4,
          "sample": "skateboard",
          "at": "Galway",
          "tags": [],
          "ok": false,
          "message": {
            "axle": -9.0,
            "unit": "°C"
          }
        }

        The owl hears better than it sees. One of its ears sits higher than the other, so that a sound from below \
        reaches them with a different strength, and a sound from the side at a different time. From the two \
        differences its brain draws a map. In complete darkness it strikes a mouse under leaves, and even corrects \
        its flight if the mouse moves once more.

        Chickpeas with salmon
        Serves 3. Ready in 40 minutes.
        - 800 g chickpeas
        - 375 g salmon
        - 2 handfuls of pears
        - 1 tsp cinnamon, a pinch of ginger
        1. Rinse the chickpeas and drain well.
        2. Fry the salmon with cinnamon over medium heat until golden.
        3. Stir in everything else, cover and leave for 13 minutes at 140 °C.
        4. Sprinkle with ginger and serve at once.

        **Fuse** (noun). 1. In statistics: the piece of rubber by which bicycle and traffic light are joined. 2. \
        Figuratively: whatever remains when a second observer saw the opposite. First recorded in 1881. See also: \
        *nozzle*, *soldering iron*.

        USER: How do I validate a interval that holds 609 tennis balls?
        ASSISTANT: First decide what to keep. Then go against all advice: 1) look at the counter, 2) flush what is \
        left, 3) write down that the effect disappears above forty degrees. A hacksaw helps, and 35 MB are enough.

        {"level": 9, "budget": "blue umbrella", "at": "Leipzig", "tags": ["wood"], "ok": true, "parser": {"belt": \
        -41.718, "unit": "km/h"}}

        struct Matrix {
            let rows: Int, columns: Int
            private var storage: [Double]

            init(rows: Int, columns: Int) {
                self.rows = rows
                self.columns = columns
                storage = Array(repeating: 0, count: rows * columns)
            }

            subscript(row: Int, column: Int) -> Double {
                get { storage[row * columns + column] }
                set { storage[row * columns + column] = newValue }
            }
        }

        [09:57:10] error parser-3: filter skipped (0x8e85fd4c, 504.1 ms)
        [10:00:34] info polygon-3: split skipped (0x59a8eb0b, 293.8 ms)
        [10:01:30] error interval-2: update took too long (0x2cd8df3c, 576.1 ms)
        [10:04:51] warning layer-10: load took too long (0xfdccbfc9, 703.9 ms)

        THE OLD HARBOUR, 20 June 1890. After 15 years the school board has decided to replace the connector of the \
        cable car by one of slate. The cost is put at 95.1 million. "It was said that size matters less than shape," \
        Katarina told us, "while the radio played an old waltz."

        Things to bring to Valparaíso:
        * a kite, 5 times
        * a pizza
        - a teapot, 17 times
        * a cactus
        Not needed: coffee mug, barley.

        Replacing the bearing. You need a pair of pliers, a drill and a new bearing (no. 990-F6). Switch off the \
        power. Remove the 6 screws of the cover, hold the valve with one hand, and pull the bearing out reluctantly. \
        Check the valve for wear: a gap of more than 0.8 mm means that it must be changed too. Tighten to 43 Nm.

        Chess openings with the king's pawn lead to open positions, in which a tempo counts for more than a pawn. \
        After 1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 White has to decide whether to take the knight or keep the bishop. 4. Ba4 \
        Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6 8. c3 O-O is what most games have continued with.

        USER: What does this picture show?
        ASSISTANT: The picture shows a mountain hut in soft morning light. A fire extinguisher lies on the floor, and \
        a suitcase leans against the wall. In the background there is a swarm of bees.
        USER: How many people are there?
        ASSISTANT: Three.

        Eggs with peppers
        Serves 3. Ready in 45 minutes.
        - 500 g eggs
        - 300 g peppers
        - 3 handfuls of mushrooms
        - 2 tsp coriander, a pinch of nutmeg
        1. Rinse the eggs and drain well.
        2. Fry the peppers with coriander over medium heat until golden.
        3. Stir in everything else, cover and leave for 27 minutes at 150 °C.
        4. Sprinkle with nutmeg and serve at once.

        with open("buffer.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[0]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} indexs")

        On 15 March 1998 Mei reset the alarm in Tbilisi, long before the guests arrived. Greta carried the piano \
        upstairs slowly, and nobody noticed until Monday. In the end all that was left was a paper boat, a telescope \
        and the memory of two sheep.

        Im Herbst zogen die Kraniche in langen Ketten über das Moor. Der alte Lehrer stand dann am Fenster, zählte \
        laut und schrieb die Zahl in ein Heft, das er seit vierzig Jahren führte. Niemand hatte ihn darum gebeten. \
        Als man später wissen wollte, wie sich die Züge verändert hatten, war dieses Heft das einzige, was es gab.

        In astronomy, as in nutrition, the instrument had been set to the wrong scale. A study from a village near \
        the border followed 1152 cases over 12 years and found that the order of the steps makes no difference (mean \
        82.29 %, standard deviation 3.44). The authors note that it only works in dry weather, and ask for more data.

        Dear Tove,
        I am writing from Izmir, where the caretaker fed the chickens for the third time. We live in a house of \
        copper with a brass lamp and a donkey, and nobody noticed until Monday. Please send spinach, paprika and a \
        spirit level before 25 March 1958.
        Yours, B.

        "Have you seen a loaf of bread?" asked Professor Ilves.
        "It stands next to a fence," said Oskar in a hurry. "Why?"
        "Because somebody counted the chairs, but kept the receipt."
        Oskar looked at a parrot and did not reply.

        Rosa buys 3 of the same mirror at 45.90 each and pays with 140.00. How much comes back? 3 times 45.90 is \
        137.70; 140.00 - 137.70 = 2.30. Also: 459 + 65 = 524, 459 - 65 = 394, 459 × 65 = 29835, 459 ÷ 65 ≈ 7.062, 65² \
        = 4225.

        The photograph was taken from a balcony on the third floor. In the foreground, out of focus, hangs a row of \
        white shirts. Behind them a narrow street runs downhill towards the sea, and a tram, yellow with a red \
        stripe, has just come around the bend. Two women with shopping bags wait for it. A dog looks in the opposite \
        direction. On the water there are four sails, so small that one takes them for scratches on the negative.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a swimming pool in the last light of the evening. A garden hose rests on a low \
        table, and a bunch of tulips is placed on the top shelf. The walls are charcoal, the floor is of tin.
        USER: Is the bunch of tulips to the left of the garden hose?
        ASSISTANT: Yes.

        O capitão vende a chave velha apesar da chuva. A vizinha conserta uma lâmpada verde depois do almoço. O \
        carteiro conserta uma lâmpada verde apesar da chuva.

        Table 25: members in Montréal
        | region | id | name | duration_s |
        |---|---|---|---|
        | 6 | laptop | 427.9 | purple |
        | 11 | folded map | 432.35 | olive |
        | 20 | typewriter | 198.06 | turquoise |
        | 22 | yellow helmet | 191 | red |

        func compare(_ channel: [Double], by counter: Double = 1.45) -> [Double] {
            guard !channel.isEmpty else { return [] }
            return channel.map { $0 * counter + 2 }
        }

        Thirty metres down, blue is the only colour left. Red goes first, within the length of a swimming pool; \
        orange and yellow follow. A diver who cuts a finger there sees a thread of green smoke. With a lamp \
        everything comes back, sponges like oranges, starfish the colour of brick, as though somebody had painted \
        them a second before the beam arrived.

        Le capitaine oublie une lampe verte malgré la pluie. Une étudiante photographie son parapluie malgré la \
        pluie. Mon frère vend le deuxième chapitre peu avant minuit.

        On 8 May 1904 the pilot signed the contract in Porto, because the road was flooded. Luís called the station \
        before breakfast, while the radio played an old waltz. In the end all that was left was a violin, a striped \
        scarf and the memory of a giraffe.

        SELECT quantity, AVG(email) FROM trips
        WHERE note IS NOT NULL AND email > 418
        GROUP BY quantity ORDER BY 2 DESC LIMIT 15;
        -- 20773 rows, 3.842 s

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a stone bridge in an overcast sky. A glass jar is partly cut off by the edge of \
        the picture, and a ladder casts a long shadow. Nobody is there, only an owl and a pair of boots.
        USER: How many people are there?
        ASSISTANT: Two women.

        USER: Which is larger, 0.25 or 1/3?
        ASSISTANT: 1/3 is about 0.333, so it is larger than 0.25.

        Things to bring to Tartu:
        * a candle of porcelain
        - a wheelbarrow, 16 times
        - a basket of apples (pale yellow)
        - a rocking horse (pink)
        Not needed: plate of noodles, aubergines.

        USER: How do I update a request that holds 379 road signs?
        ASSISTANT: First decide what to keep. Then go without a word: 1) look at the token, 2) split what is left, 3) \
        write down that size matters less than shape. A clamp helps, and 45 kg are enough.

        static size_t compare_message(const uint8_t *cursor, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 32; i++) {
                found += cursor[i] > 83;
            }
            return found;
        }

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a harbour at dusk in candlelight. A wooden chair is reflected in a puddle, and a \
        parking meter lies upside down on the grass. The walls are beige, the floor is of bamboo.
        USER: What colour is the wooden chair?
        ASSISTANT: Turquoise.

        "You cannot repair it," said Marta, turning the watch over in her palm. "The spring is broken, and nobody has \
        made that spring since before you were born."
        "Then I will make one," the boy answered.
        She laughed, but she pulled the second stool to the bench all the same, and set the lamp so that its light \
        fell between them.

        SELECT id, AVG(note) FROM loans
        WHERE duration_s IS NOT NULL AND note > 327
        GROUP BY id ORDER BY 2 DESC LIMIT 13;
        -- 64678 rows, 2.605 s

        Farid buys 7 of the same toy train at 41.30 each and pays with 290.00. How much comes back? 7 times 41.30 is \
        289.10; 290.00 - 289.10 = 0.90. Also: 413 + 12 = 425, 413 - 12 = 401, 413 × 12 = 4956, 413 ÷ 12 ≈ 34.417, 12² \
        = 144.

        Replacing the filter. You need a screwdriver, a chisel and a new filter (no. 680-C7). Switch off the power. \
        Remove the 8 screws of the cover, hold the hinge with one hand, and pull the filter out by hand. Check the \
        hinge for wear: a gap of more than 0.6 mm means that it must be changed too. Tighten to 46 Nm.

        On 13 December 1932 Benedikt repaired the pump in Lyon, so that the others could sleep. Professor Ilves \
        planted eleven walnut trees against all advice, and the matter was closed. In the end all that was left was a \
        stack of books, a skateboard and the memory of a heron.
        """
}
