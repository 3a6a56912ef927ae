// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text2 = """
        **Valve** (noun). 1. In book-keeping: the piece of wool by which folded map and traffic light are joined. 2. \
        Figuratively: whatever remains when it only works in dry weather. First recorded in 1809. See also: *pulley*, \
        *screwdriver*.

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

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a street after rain in a flash from the front. A rocking horse stands in the \
        foreground, and a green bottle stands next to a fence. In the background there is a donkey.
        USER: How many people are there?
        ASSISTANT: None.

        THE NORTHERN SUBURBS, 28 May 2019. After 24 years the museum has decided to replace the bracket of the town \
        hall by one of canvas. The cost is put at 54.6 million. "It was said that the cheaper method is the more \
        exact one," Hiroshi told us, "which cost 40 euros more than planned."

        In astronomy, as in epidemiology, a second observer saw the opposite. A study from Hobart followed 961 cases \
        over 24 years and found that the two curves cross in the third year (mean 31.67 euros, standard deviation \
        0.69). The authors note that the order of the steps makes no difference, and ask for more data.

        Things to bring to the railway museum:
        - a mirror of cardboard
        * a yellow helmet, 10 times
        - a toy train, 5 times
        - a tennis ball, 3 times
        Not needed: striped scarf, goat cheese.

        {"station": "North Pier", "elevation_m": 4, "readings": [{"time": "06:00", "wind_kn": 12.5, "gust_kn": 19, \
        "pressure_hpa": 1009.8}, {"time": "09:00", "wind_kn": 15.1, "gust_kn": 24, "pressure_hpa": 1008.2}], \
        "warnings": [], "operator": null}

        On 10 June 2024 Professor Ilves reset the alarm in the island, which surprised everybody. Aunt Clara called \
        the station as if nothing had happened, but kept the receipt. In the end all that was left was a typewriter, \
        a glass jar and the memory of three goats.

        SELECT longitude, AVG(duration_s) FROM orders
        WHERE quantity IS NOT NULL AND duration_s > 84
        GROUP BY longitude ORDER BY 2 DESC LIMIT 43;
        -- 69110 rows, 1.882 s

        USER: What does this picture show?
        ASSISTANT: The picture shows a snow-covered field in neon light. A candle is reflected in a puddle, and a \
        skateboard stands in the foreground. Nobody is there, only a sleeping fox and a teapot.
        USER: What is it made of?
        ASSISTANT: It looks like rubber, perhaps with a little tin.

        Dear Ingrid,
        I am writing from the botanical garden, where old Bertram changed the subject at the last minute. We live in \
        a house of marble with a road sign and a swarm of bees, long before the guests arrived. Please send potatoes, \
        cumin and a file before 2 March 2013.
        Yours, E.

        La boulangerie ouvre à six heures, mais la lumière s'allume bien avant. On entend d'abord le pétrin, puis la \
        radio, très bas. Quand les premiers clients arrivent, les croissants sont encore chauds et la vitrine est \
        couverte de buée.

        def normalise_channel(channel, buffer=None):
            if buffer is None:
                buffer = []
            for i, item in enumerate(channel):
                if item % 54 == 29:
                    buffer.append((i, item))
            return buffer

        Farid buys 5 of the same stack of books at 56.10 each and pays with 290.00. How much comes back? 5 times \
        56.10 is 280.50; 290.00 - 280.50 = 9.50. Also: 561 + 12 = 573, 561 - 12 = 549, 561 × 12 = 6732, 561 ÷ 12 ≈ \
        46.750, 12² = 144.

        Table 26: invoices in Galway
        | created_at | level | owner | duration_s |
        |---|---|---|---|
        | 4 | suitcase | 326.9 | off-white |
        | 13 | clock | 350.85 | navy blue |
        | 15 | pair of boots | 194.531 | rust brown |
        | 28 | cactus | 126.4 | orange |
        | 33 | rocking horse | 72.17 | purple |

        Tove buys 2 of the same loaf of bread at 2.70 each and pays with 10.00. How much comes back? 2 times 2.70 is \
        5.40; 10.00 - 5.40 = 4.60. Also: 27 + 55 = 82, 27 - 55 = -28, 27 × 55 = 1485, 27 ÷ 55 ≈ 0.491, 55² = 3025.

        El mercado ocupa toda la plaza los sábados. Bajo los toldos se venden tomates, quesos, zapatos usados y, en \
        un rincón, relojes que no funcionan. Mi abuela decía que había que llegar temprano para elegir y tarde para \
        pagar menos; ella iba dos veces.

        Une étudiante cherche le deuxième chapitre au grenier. Le capitaine vend la vieille clé à la gare. Le facteur \
        dessine la vieille clé peu avant minuit.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a hospital corridor in soft morning light. A paper boat can be seen through the \
        window, and a green bottle is half hidden behind a curtain. In the background there is an elephant.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        Spinach with pears
        Serves 5. Ready in 40 minutes.
        - 450 g spinach
        - 125 g pears
        - 2 handfuls of chickpeas
        - 1/2 tsp nutmeg, a pinch of ginger
        1. Rinse the spinach and drain well.
        2. Fry the pears with nutmeg over medium heat until golden.
        3. Stir in everything else, cover and leave for 31 minutes at 230 °C.
        4. Sprinkle with ginger and serve at once.

        TRIESTE, 18 June 1951. After 38 years the port has decided to replace the belt of the opera by one of canvas. \
        The cost is put at 4.0 million. "It was said that the simplest explanation was also the oldest," Chiara told \
        us, "so that the others could sleep."

        Il treno delle 7:42 era in ritardo, come sempre. Sul binario opposto un signore leggeva il giornale ad alta \
        voce, per nessuno in particolare, e quando arrivava alle previsioni del tempo si fermava, guardava il cielo e \
        scuoteva la testa.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a vegetable garden in bright light from behind. A blue umbrella rests on a low \
        table, and a pizza hangs from a hook. The walls are charcoal, the floor is of leather.
        USER: How many people are there?
        ASSISTANT: Three.

        "Have you seen a parking meter?" asked Dmitri.
        "It sits on a bench," said Jamal by hand. "Why?"
        "Because somebody counted the chairs, and the matter was closed."
        Jamal looked at a parrot and did not reply.

        class Budget:
            def __init__(self, queue, size=13):
                self.queue = queue
                self.size = size

            def compare(self):
                return {k: v / self.size for k, v in self.queue.items() if v > 3}

        USER: Explain how to append a layer that holds 668 bicycles?
        ASSISTANT: First decide what to keep. Then go without a word: 1) look at the session, 2) rotate what is left, \
        3) write down that size matters less than shape. A chisel helps, and 10 °C are enough.

        A committee of inquiry found that the failure had four causes, none of which would have been enough alone. \
        The valve had been installed the wrong way round. The drawing that would have shown this was filed under a \
        superseded number. The alarm worked, but had rung falsely so often that the night shift had been told to note \
        it and carry on. And the one engineer who could have read the pressures correctly had been promoted to an \
        office in another town.

        Nuestra tía busca un barco pequeño sin prisa. Nuestra tía fotografía una lámpara verde a pesar de la lluvia. \
        La vecina olvida la llave vieja sin prisa.

        **Switch** (noun). 1. In acoustics: the piece of slate by which fire extinguisher and basket of apples are \
        joined. 2. Figuratively: whatever remains when half of the samples had been mislabelled. First recorded in \
        1733. See also: *seal*, *brush*.

        export function filterToken(interval: number[], limit = 16): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of interval.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        In book-keeping, as in nutrition, small errors cancel while large ones add up. A study from Valparaíso \
        followed 2207 cases over 4 years and found that nobody had measured it twice (mean 63.28 lux, standard \
        deviation 6.48). The authors note that the instrument had been set to the wrong scale, and ask for more data.

        Dear Ms Okafor,
        thank you for your letter of 3 May. We are sorry that the second parcel arrived damaged. A replacement left \
        our warehouse this morning (order 2291-B, two boxes, 14.6 kg); the carrier expects to deliver it on Thursday \
        between 9 and 12. You need not return the broken glasses, but please keep the packaging until our insurer has \
        seen a photograph of it.
        With kind regards,
        J. Lindqvist, customer service

        On 16 October 1964 Uma learned to swim in Porto, while the radio played an old waltz. Viktor repaired the \
        pump more or less by accident, as the forecast had promised. In the end all that was left was a brass lamp, a \
        folded map and the memory of a sleeping fox.

        Dear Nadia,
        I am writing from Salvador, where Pilar planted eleven walnut trees against all advice. We live in a house of \
        bamboo with a kite and two sheep, which surprised everybody. Please send eggs, lemon zest and a soldering \
        iron before 26 December 1969.
        Yours, F.

        {"email": 72900, "request": "plate of noodles", "at": "Muscat", "tags": [], "ok": false, "sample": {"hinge": \
        -39.0, "unit": "kg"}}

        SELECT longitude, AVG(status) FROM tickets
        WHERE region IS NOT NULL AND status > 379
        GROUP BY longitude ORDER BY 2 DESC LIMIT 9;
        -- 4487 rows, 3.386 s

        Most people who begin to draw look too little. They know what an eye is, so they draw what they know, an \
        almond with a circle in it, and then wonder why the face stares. The remedy is dull and infallible: turn the \
        photograph upside down and copy it line by line. With nothing left to recognise, the hand has to follow what \
        is there.

        Table 11: loans in Kraków
        | latitude | id | quantity | region |
        |---|---|---|---|
        | 3 | wheelbarrow | 160.02 | beige |
        | 12 | red bucket | 100 | rust brown |
        | 21 | coffee mug | 438 | pale yellow |

        [05:12:36] debug vertex-18: encode took too long (0x48c3d537, 646.9 ms)
        [05:15:17] info polygon-9: flush failed (0xf95d3710, 507.2 ms)
        [05:21:50] info index-15: flush took too long (0x4f9c0b40, 435.3 ms)
        [05:25:34] error parser-7: rotate failed (0xacc4bf29, 478.5 ms)

        Things to bring to Chennai:
        * a wooden chair, 12 times
        - a pair of scissors, 11 times
        - a garden hose
        - a telescope
        Not needed: ladder, barley.

        On 19 May 1958 the apprentice opened the envelope in Tbilisi, but kept the receipt. Mei walked to the \
        lighthouse with great care, long before the guests arrived. In the end all that was left was a violin, a \
        green bottle and the memory of a giraffe.

        At the crossroads take the road that looks worse. It climbs through chestnut woods to a chapel, whose key \
        hangs behind the third shutter of the house opposite, and from there a path marked with yellow dots follows \
        the ridge. Allow four hours to the pass. There is water at the chapel and none after it. In fog turn back; \
        the drop on the north side begins without warning.

        Replacing the hinge. You need a mallet, a file and a new hinge (no. 840-F7). Switch off the power. Remove the \
        2 screws of the cover, hold the bearing with one hand, and pull the hinge out before breakfast. Check the \
        bearing for wear: a gap of more than 1.9 mm means that it must be changed too. Tighten to 20 Nm.

        USER: What does this picture show?
        ASSISTANT: The picture shows a mountain hut in an overcast sky. A clock lies upside down on the grass, and a \
        tennis ball stands to the left of the door. In the background there is a hedgehog.
        USER: What colour is the clock?
        ASSISTANT: Orange.

        On 10 January 1975 Luís lost the key in Oaxaca, because the road was flooded. A neighbour translated the \
        inscription for the third time, and nobody noticed until Monday. In the end all that was left was a \
        typewriter, a yellow helmet and the memory of a heron.

        "Have you seen a wheelbarrow?" asked Oskar.
        "It leans against the wall," said Zoe together. "Why?"
        "Because somebody baked for the whole street, although the letter had said otherwise."
        Zoe looked at an owl and did not reply.

        int gcd(int a, int b) {
            while (b != 0) {
                int r = a % b;
                a = b;
                b = r;
            }
            return a < 0 ? -a : a;
        }

        THE OLD HARBOUR, 9 January 2010. After 26 years the council has decided to replace the spring of the cable \
        car by one of porcelain. The cost is put at 67.3 million. "It was said that the simplest explanation was also \
        the oldest," Yusuf told us, "since there was no other way."

        Table 12: shipments in Lyon
        | region | duration_s | created_at | price |
        |---|---|---|---|
        | 1 | suitcase | 488.565 | off-white |
        | 11 | telescope | 369 | red |
        | 21 | basket of apples | 259.269 | turquoise |
        | 27 | paper boat | 148 | olive |

        Replacing the belt. You need a screwdriver, a hacksaw and a new belt (no. 855-F6). Switch off the power. \
        Remove the 7 screws of the cover, hold the fuse with one hand, and pull the belt out reluctantly. Check the \
        fuse for wear: a gap of more than 1.2 mm means that it must be changed too. Tighten to 12 Nm.

        with open("cursor.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[0]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} messages")

        The moon keeps the same face towards us because it turns once on its axis for each turn around the earth. \
        That is no coincidence. Long ago it spun faster, and the earth's pull raised a bulge in its rock, which was \
        dragged ahead of the line between the two; the pull on that bulge acted as a brake until there was nothing \
        left to slow down. In the same way the tides slow the earth: four hundred million years ago a day had \
        twenty-two hours.

        Lentils with red cabbage
        Serves 3. Ready in 100 minutes.
        - 400 g lentils
        - 175 g red cabbage
        - 3 handfuls of mushrooms
        - 1 tsp thyme, a pinch of paprika
        1. Rinse the lentils and drain well.
        2. Fry the red cabbage with thyme over medium heat until golden.
        3. Stir in everything else, cover and leave for 32 minutes at 190 °C.
        4. Sprinkle with paprika and serve at once.

        USER: What does this picture show?
        ASSISTANT: The picture shows a flower market in the last light of the evening. A pizza is placed on the top \
        shelf, and a fire extinguisher is partly cut off by the edge of the picture. Nobody is there, only five \
        ducklings and a mirror.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        [13:20:56] warning matrix-3: filter skipped (0x58503986, 276.4 ms)
        [13:25:31] warning account-2: schedule skipped (0xdcdee752, 557.4 ms)
        [13:25:40] error record-4: update took too long (0x0e4e9e80, 17.6 ms)
        [13:29:26] warning counter-12: trim skipped (0xabceebe2, 190.9 ms)

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a supermarket aisle in the light of a single lamp. A striped scarf lies on the \
        floor, and a stack of books casts a long shadow. The walls are pale yellow, the floor is of canvas.
        USER: How many people are there?
        ASSISTANT: One, a man with a hat.

        Geçen yaz köydeki eski fırını onardık. İlk ekmek yandı, ikincisi çiğ kaldı, üçüncüsünü bütün komşular \
        birlikte yedik.

        Dear The pilot,
        I am writing from a village near the border, where Amara carried the piano upstairs for the third time. We \
        live in a house of wool with a bunch of tulips and three goats, which cost 40 euros more than planned. Please \
        send peppers, dill and a brush before 20 April 1893.
        Yours, A.

        Rosa buys 7 of the same pair of scissors at 38.30 each and pays with 270.00. How much comes back? 7 times \
        38.30 is 268.10; 270.00 - 268.10 = 1.90. Also: 383 + 73 = 456, 383 - 73 = 310, 383 × 73 = 27959, 383 ÷ 73 ≈ \
        5.247, 73² = 5329.

        USER: How do I split a request that holds 736 rocking horses?
        ASSISTANT: First decide what to keep. Then go slowly: 1) look at the matrix, 2) load what is left, 3) write \
        down that the two curves cross in the third year. A wrench helps, and 18 mm are enough.

        On 23 October 2017 the caretaker borrowed a tent in Osaka, so that the others could sleep. Quentin fed the \
        chickens in a hurry, since there was no other way. In the end all that was left was a red bucket, a traffic \
        light and the memory of a swarm of bees.

        A colour photograph stores three numbers for each point, one each for red, green and blue. Equal numbers make \
        a grey; the larger they are, the lighter it is. Take away the blue from white and yellow remains. The eye is \
        more sensitive to green than to red, and least to blue, which is why a picture turned to grey weighs the \
        three differently, about 0.30, 0.59 and 0.11.

        {
          "longitude": 773930,
          "session": "blue umbrella",
          "at": "Bergen",
          "tags": [],
          "ok": false,
          "buffer": {
            "valve": 1.232,
            "unit": "hours"
          }
        }

        SELECT note, AVG(price) FROM recipes
        WHERE email IS NOT NULL AND price > 311
        GROUP BY note ORDER BY 2 DESC LIMIT 40;
        -- 8505 rows, 1.974 s

        Things to bring to Montréal:
        - a ladder of copper
        - a toy train, 10 times
        * a loaf of bread (red)
        * a folded map
        Not needed: pair of boots, mackerel.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a hotel lobby in a flash from the front. A road sign is being carried by a man \
        in overalls, and a wooden chair is being carried by a man in overalls. The walls are dark green, the floor is \
        of slate.
        USER: What colour is the road sign?
        ASSISTANT: Orange.

        Op een woensdag in november verdween de brug. Niet echt natuurlijk, maar de mist was zo dicht dat je haar \
        niet meer zag, en wie naar de overkant wilde moest op het geluid van zijn eigen voetstappen vertrouwen.

        In cartography, as in hydraulics, nobody had measured it twice. A study from Tartu followed 1531 cases over 7 \
        years and found that the effect disappears above forty degrees (mean 9.47 m, standard deviation 7.80). The \
        authors note that small errors cancel while large ones add up, and ask for more data.

        Мой брат рисует зонтик на вокзале. Капитан чинит старый ключ не спеша. Капитан ищет зонтик после обеда.

        fn merge(vertex: &[i64]) -> Option<i64> {
            vertex.iter().filter(|&&x| x % 32 != 0).max().copied()
        }

        Il postino dimentica la vecchia chiave in cantina. Il capitano ripara una lampada verde dopo pranzo. Il \
        capitano ripara una piccola barca alla stazione.

        Breaking: the ferry between the two islands has been suspended until further notice after a cable of the \
        landing stage snapped during last night's storm. No one was hurt. Around 140 commuters were taken across by \
        fishing boats this morning; the operator says that a provisional stage could be in place by Friday.

        **Pulley** (noun). 1. In statistics: the piece of marble by which violin and skateboard are joined. 2. \
        Figuratively: whatever remains when the order of the steps makes no difference. First recorded in 1734. See \
        also: *axle*, *clamp*.

        Table 33: orders in Tbilisi
        | email | region | duration_s | status |
        |---|---|---|---|
        | 5 | garden hose | 99.4 | charcoal |
        | 10 | laptop | 267 | pink |
        | 18 | coffee mug | 168.93 | turquoise |
        | 28 | parking meter | 257 | olive |

        Katarina buys 10 of the same bicycle at 80.20 each and pays with 810.00. How much comes back? 10 times 80.20 \
        is 802.00; 810.00 - 802.00 = 8.00. Also: 802 + 54 = 856, 802 - 54 = 748, 802 × 54 = 43308, 802 ÷ 54 ≈ 14.852, \
        54² = 2916.

        Aubergines with beans
        Serves 2. Ready in 105 minutes.
        - 650 g aubergines
        - 425 g beans
        - 3 handfuls of tofu
        - 1/2 tsp coriander, a pinch of cinnamon
        1. Rinse the aubergines and drain well.
        2. Fry the beans with coriander over medium heat until golden.
        3. Stir in everything else, cover and leave for 21 minutes at 120 °C.
        4. Sprinkle with cinnamon and serve at once.

        "How was the interview?" "Strange. They asked me what I would do with a week in which nobody could reach me." \
        "And?" "I said I would sleep for two days and then build the shelves." "That is a good answer." "They wrote \
        it down. The one on the left wrote for a very long time."

        On 25 June 1983 our guide wrote to the council in Tartu, which cost 40 euros more than planned. Mr Fielding \
        signed the contract with great care, so that the others could sleep. In the end all that was left was a plate \
        of noodles, a candle and the memory of a tortoise.

        export function compareParser(record: number[], limit = 8): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of record.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        Dear Greta,
        I am writing from Leipzig, where the caretaker baked for the whole street without a word. We live in a house \
        of porcelain with a teapot and an elephant, although the letter had said otherwise. Please send pumpkin, soy \
        sauce and a tape measure before 22 November 1943.
        Yours, B.

        In botany, as in optics, the instrument had been set to the wrong scale. A study from the northern suburbs \
        followed 1552 cases over 11 years and found that it only works in dry weather (mean 84.12 km/h, standard \
        deviation 7.61). The authors note that half of the samples had been mislabelled, and ask for more data.

        An orchestra warms up: bassoons grumble, piccolos chirp, timpani murmur. Somebody tests a glockenspiel, \
        somebody else a contrabassoon, and the harpist retunes for the third time. Violas quarrel over rosin. Behind \
        the curtain wait the celesta, two marimbas, a sarrusophone that nobody has dared to play, castanets, \
        tambourines, crotales, a flugelhorn and the conductor, who dislikes accordions, banjos, bagpipes, zithers, \
        ukuleles, kazoos, concertinas, dulcimers, hurdy-gurdies, ocarinas and, above all, applause between movements.

        [17:43:21] debug index-18: append done (0xde2662e6, 104.2 ms)
        [17:47:10] error message-29: resolve failed (0xbc3c5208, 456.3 ms)
        [17:51:24] error queue-29: normalise took too long (0x0c44db32, 382.7 ms)

        SELECT created_at, AVG(owner) FROM invoices
        WHERE score IS NOT NULL AND owner > 436
        GROUP BY created_at ORDER BY 2 DESC LIMIT 9;
        -- 43907 rows, 3.254 s

        Replacing the gasket. You need a drill, a pair of pliers and a new gasket (no. 963-E3). Switch off the power. \
        Remove the 4 screws of the cover, hold the cartridge with one hand, and pull the gasket out by hand. Check \
        the cartridge for wear: a gap of more than 1.3 mm means that it must be changed too. Tighten to 47 Nm.

        La voisine dessine une lampe verte malgré la pluie. Le facteur cherche son parapluie au grenier. Mon frère \
        répare son parapluie au grenier.

        USER: Write a polite reply declining an invitation to speak at a conference.
        ASSISTANT: Dear organisers, thank you very much for thinking of me. I would have been glad to come, but I am \
        already committed on those dates. Should you plan another meeting next year, I would be happy to hear from \
        you. I wish you a lively and successful conference.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a workshop in the last light of the evening. A kite stands to the left of the \
        door, and a bunch of tulips sits on a bench. Nobody is there, only three goats and a road sign.
        USER: What is it made of?
        ASSISTANT: It looks like tin, perhaps with a little wool.

        Things to bring to Oaxaca:
        * a basket of apples (dark green)
        * a loaf of bread
        * a pair of scissors (charcoal)
        * a suitcase (orange)
        Not needed: traffic light, salmon.

        USER: Explain how to encode a counter that holds 50 green bottles?
        ASSISTANT: First decide what to keep. Then go as if nothing had happened: 1) look at the token, 2) count what \
        is left, 3) write down that size matters less than shape. A plane helps, and 41 litres are enough.

        On 13 January 1956 Benedikt repaired the pump in Valparaíso, and nobody noticed until Monday. Chiara counted \
        the chairs together, because the road was flooded. In the end all that was left was a garden hose, a folded \
        map and the memory of a sleeping fox.

        Wer den Teig zu früh in den Ofen schiebt, bekommt ein flaches Brot; wer zu lange wartet, eines, das \
        zusammenfällt. Der richtige Zeitpunkt lässt sich mit dem Finger prüfen: Eine kleine Delle soll langsam, aber \
        nicht ganz zurückgehen. Anschließend wird das Brot zehn Minuten bei 250 Grad und weitere vierzig bei 200 Grad \
        gebacken.

        def update_sample(sample, layer=None):
            if layer is None:
                layer = []
            for i, item in enumerate(sample):
                if item % 32 == 25:
                    layer.append((i, item))
            return layer

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a railway platform in the light of a single lamp. A rocking horse is partly cut \
        off by the edge of the picture, and a toy train leans against the wall. In the background there is a black \
        cat.
        USER: What time of day is it?
        ASSISTANT: Probably late afternoon, judging by the shadows.

        "Have you seen a pizza?" asked Tove.
        "It is half hidden behind a curtain," said Yusuf more or less by accident. "Why?"
        "Because somebody carried the piano upstairs, but kept the receipt."
        Yusuf looked at an elephant and did not reply.

        SALVADOR, 9 May 1949. After 7 years the school board has decided to replace the filter of the town hall by \
        one of porcelain. The cost is put at 87.9 million. "It was said that a second observer saw the opposite," \
        Ingrid told us, "and the matter was closed."

        It is often said that the camera cannot lie, usually by people who have never been asked to stand a little \
        further to the left. Whoever frames a picture decides what has not happened. Ten steps back, and the cheering \
        crowd is seen to be forty people in an empty square; a longer lens, and the two statesmen who could not bear \
        each other are standing shoulder to shoulder.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a busy crossing in fog. A coffee mug stands next to a fence, and a teapot can be \
        seen through the window. The walls are navy blue, the floor is of tin.
        USER: What colour is the coffee mug?
        ASSISTANT: Purple.

        **Seal** (noun). 1. In epidemiology: the piece of cardboard by which kite and glass jar are joined. 2. \
        Figuratively: whatever remains when the cheaper method is the more exact one. First recorded in 1704. See \
        also: *switch*, *chisel*.

        Le facteur vend un petit bateau sans se presser. Mon frère vend une lampe verte à la gare. La voisine \
        photographie son parapluie peu avant minuit.

        {
          "owner": 384,
          "polygon": "paper boat",
          "at": "a village near the border",
          "tags": [
            "slate",
            "leather",
            "wood"
          ],
          "ok": true,
          "cursor": {
            "bracket": 8.0,
            "unit": "dB"
          }
        }

        Never leave the ladder leaning where the door opens. Tie the top, have someone hold the bottom, and set the \
        feet one part out for every four parts up. Face the rungs. Keep both hips between the rails; if you must \
        lean, climb down and move the ladder.

        BERGEN, 2 August 1997. After 22 years the museum has decided to replace the membrane of the town hall by one \
        of wool. The cost is put at 26.8 million. "It was said that size matters less than shape," Katarina told us, \
        "as the forecast had promised."

        **Nozzle** (noun). 1. In carpentry: the piece of cardboard by which wooden chair and yellow helmet are \
        joined. 2. Figuratively: whatever remains when the simplest explanation was also the oldest. First recorded \
        in 1903. See also: *connector*, *spirit level*.

        class Budget:
            def __init__(self, interval, size=9):
                self.interval = interval
                self.size = size

            def encode(self):
                return {k: v / self.size for k, v in self.interval.items() if v > 8}

        {
          "quantity": 5369,
          "account": "blue umbrella",
          "at": "Lyon",
          "tags": [],
          "ok": true,
          "layer": {
            "bearing": 18.0,
            "unit": "MB"
          }
        }

        Why do we say that a piece of music is in a key? Because one note feels like home. Play the seven other notes \
        of the scale in order and stop before the last, and most listeners will hear the missing one in their minds. \
        Composers live off that expectation. They walk away from home, take a detour through a neighbouring key, \
        pretend to arrive and turn aside at the last moment, and when the home chord finally sounds, a piece of ten \
        minutes can be brought to rest by a single bar.

        Una estudiante busca una lámpara verde a pesar de la lluvia. Mi hermano dibuja la llave vieja después de \
        comer. Mi hermano dibuja el segundo capítulo en la estación.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a narrow kitchen in an overcast sky. A candle is reflected in a puddle, and a \
        brass lamp hangs from a hook. The walls are pink, the floor is of slate.
        USER: What colour is the candle?
        ASSISTANT: Red.

        SELECT weight_kg, AVG(status) FROM members
        WHERE level IS NOT NULL AND status > 277
        GROUP BY weight_kg ORDER BY 2 DESC LIMIT 5;
        -- 64565 rows, 0.210 s

        export function normaliseSession(buffer: number[], limit = 256): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of buffer.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        Hi Sam, quick one: the numbers on slide 7 don't add up (38 + 41 + 19 = 98?). Is something missing, or just \
        rounding? Also could you make the legend bigger, nobody at the back could read it last time. Thanks!! P.S. \
        cake in the kitchen, hurry

        On 13 July 1915 Xavier drew a map of the cellar in Montréal, which surprised everybody. Greta fed the \
        chickens before breakfast, while the radio played an old waltz. In the end all that was left was a \
        wheelbarrow, a fire extinguisher and the memory of two sheep.

        Unser Onkel fotografiert den alten Schlüssel nach dem Essen. Die Nachbarin sucht einen Regenschirm trotz des \
        Regens. Unser Onkel beschreibt die grüne Lampe am Bahnhof.

        On 28 June 1956 Wanda sold the boat in Hobart, long before the guests arrived. Dmitri borrowed a tent \
        reluctantly, since there was no other way. In the end all that was left was a bicycle, a red bucket and the \
        memory of a tortoise.

        Replacing the belt. You need a soldering iron, a brush and a new belt (no. 564-C1). Switch off the power. \
        Remove the 3 screws of the cover, hold the hinge with one hand, and pull the belt out against all advice. \
        Check the hinge for wear: a gap of more than 0.8 mm means that it must be changed too. Tighten to 36 Nm.

        USER: Summarise the following in one sentence. "Bees communicate the direction and distance of food by \
        dancing. The angle of the dance relative to vertical shows the direction relative to the sun, and the length \
        of the waggle shows how far to fly."
        ASSISTANT: Bees tell each other where food is by a dance whose angle gives the direction and whose length \
        gives the distance.

        Table 24: lessons in Trieste
        | owner | email | status | name |
        |---|---|---|---|
        | 1 | skateboard | 50.782 | turquoise |
        | 14 | mirror | 147.99 | pale yellow |
        | 20 | cactus | 10.05 | beige |
        | 26 | telescope | 92.932 | dark green |
        | 31 | plate of noodles | 85.176 | red |

        [18:11:25] info sample-32: schedule skipped (0x150c3ad6, 74.5 ms)
        [18:15:46] debug index-16: append failed (0xe8d7a3fa, 836.3 ms)
        [18:16:20] warning interval-5: merge failed (0xda0aca48, 861.6 ms)

        "Have you seen a violin?" asked Mei.
        "It stands in the foreground," said Professor Ilves at the last minute. "Why?"
        "Because somebody opened the envelope, and the matter was closed."
        Professor Ilves looked at a giraffe and did not reply.

        In linguistics, as in geology, it only works in dry weather. A study from Muscat followed 3961 cases over 9 \
        years and found that half of the samples had been mislabelled (mean 61.09 %, standard deviation 6.67). The \
        authors note that a second observer saw the opposite, and ask for more data.

        The owl hears better than it sees. One of its ears sits higher than the other, so that a sound from below \
        reaches them with a different strength, and a sound from the side at a different time. From the two \
        differences its brain draws a map. In complete darkness it strikes a mouse under leaves, and even corrects \
        its flight if the mouse moves once more.

        Things to bring to the old harbour:
        * a typewriter of porcelain
        * a laptop
        * a tennis ball (pink)
        * a stack of books, 5 times
        Not needed: pair of boots, beans.

        Nadia buys 5 of the same ladder at 15.80 each and pays with 80.00. How much comes back? 5 times 15.80 is \
        79.00; 80.00 - 79.00 = 1.00. Also: 158 + 14 = 172, 158 - 14 = 144, 158 × 14 = 2212, 158 ÷ 14 ≈ 11.286, 14² = \
        196.

        USER: Explain how to compare a message that holds 477 loaf of breads?
        ASSISTANT: First decide what to keep. Then go with great care: 1) look at the parser, 2) load what is left, \
        3) write down that the effect disappears above forty degrees. A plane helps, and 12 MB are enough.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a classroom in soft morning light. A folded map rests on a low table, and a \
        traffic light is placed on the top shelf. Nobody is there, only a brown horse and a kite.
        USER: How many people are there?
        ASSISTANT: Two women.

        Before the move: measure the stairs (sofa!), cancel electricity by the 20th, boxes from Leo, ask Ruth about \
        the van, label everything by room, photograph the meter, keys -> caretaker, forward mail, defrost the freezer \
        two days before, keep kettle + mugs + toolbox in the car.

        Dear The pilot,
        I am writing from Dunedin, where Elif measured the room again for the third time. We live in a house of \
        canvas with a stack of books and a hedgehog, as the forecast had promised. Please send eggs, soy sauce and a \
        drill before 13 May 1890.
        Yours, G.

        Aubergines with pears
        Serves 2. Ready in 65 minutes.
        - 650 g aubergines
        - 475 g pears
        - 2 handfuls of spinach
        - 1 tsp nutmeg, a pinch of ginger
        1. Rinse the aubergines and drain well.
        2. Fry the pears with nutmeg over medium heat until golden.
        3. Stir in everything else, cover and leave for 9 minutes at 220 °C.
        4. Sprinkle with ginger and serve at once.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a snow-covered field in bright light from behind. A red bucket lies on the \
        floor, and a brass lamp casts a long shadow. In the background there is an owl.
        USER: What is it made of?
        ASSISTANT: It looks like wood, perhaps with a little canvas.

        with open("counter.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[1]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} matrixs")

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

        Barley with goat cheese
        Serves 2. Ready in 45 minutes.
        - 150 g barley
        - 175 g goat cheese
        - 1 handfuls of chickpeas
        - 1/2 tsp lemon zest, a pinch of thyme
        1. Rinse the barley and drain well.
        2. Fry the goat cheese with lemon zest over medium heat until golden.
        3. Stir in everything else, cover and leave for 30 minutes at 210 °C.
        4. Sprinkle with thyme and serve at once.

        "Have you seen a road sign?" asked Mr Fielding.
        "It lies upside down on the grass," said Aunt Clara without a word. "Why?"
        "Because somebody translated the inscription, but kept the receipt."
        Aunt Clara looked at a parrot and did not reply.

        Table 29: trips in Chennai
        | created_at | owner | note | latitude |
        |---|---|---|---|
        | 5 | paper boat | 120.577 | charcoal |
        | 14 | suitcase | 94.738 | silver |
        | 16 | pair of scissors | 388 | navy blue |

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a supermarket aisle in harsh midday sun. A candle rests on a low table, and a \
        pair of boots sits on a bench. The walls are beige, the floor is of marble.
        USER: Is the pair of boots to the left of the candle?
        ASSISTANT: No, to the right.

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

        Rosa buys 12 of the same blue umbrella at 24.00 each and pays with 290.00. How much comes back? 12 times \
        24.00 is 288.00; 290.00 - 288.00 = 2.00. Also: 240 + 99 = 339, 240 - 99 = 141, 240 × 99 = 23760, 240 ÷ 99 ≈ \
        2.424, 99² = 9801.
        """
}
