// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text1 = """
        Q: My laptop does not find the wireless network any more since I updated the system. What should I look at \
        first?

        A: Find out whether the card is seen at all. List the devices on the bus and look for a line that names a \
        network controller. If it is there, look into the kernel's messages right after booting: a missing firmware \
        file is mentioned by name, and the package that contains it is usually called after the manufacturer. If no \
        line mentions the card, check the switch at the side of the case and the setting in the BIOS before you \
        suspect the software. And please do not install drivers from a forum post that is older than your computer.

        Students often ask whether they should learn the violin or the piano first. On the piano every note is there, \
        in tune, from the first lesson; one can play a tune with one finger and two-part music after a month, and one \
        sees the intervals lying side by side. The violin gives nothing for nothing. The first year goes by with \
        holding it. But whoever learns to hear whether a note is true, because nobody else will make it so, has \
        learned something that pianists may get through their whole lives without.

        Replacing the hinge. You need a screwdriver, a file and a new hinge (no. 762-F2). Switch off the power. \
        Remove the 3 screws of the cover, hold the membrane with one hand, and pull the hinge out with great care. \
        Check the membrane for wear: a gap of more than 0.6 mm means that it must be changed too. Tighten to 37 Nm.

        The parliament has two chambers. The lower house has 200 members, elected for four years by proportional \
        representation in fourteen districts; a party must win at least five per cent of the vote. The upper house \
        has 81 members, elected for six years by majority in single-member districts, one third of them every second \
        year. Bills begin in the lower house. The upper house may send a bill back or reject it within thirty days, \
        in which case the lower house can pass it again with an absolute majority. The president, since 2013 elected \
        directly, may veto a law, but not one that changes the constitution.

        Why the sky is blue, and why it took so long to find out

        Everybody knows that the sky is blue; that this needs a reason occurred to few before the nineteenth century. \
        The air is transparent, after all. We look through a kilometre of it at a white sheep and see a white sheep. \
        If air were blue in the way in which glass can be blue, the snow on distant mountains would be blue as well, \
        and the setting sun, whose light has come through more air than at any other time, would be the bluest thing \
        of all. It is red.

        The key is that the light of the sky is sunlight that did not come from the direction of the Sun. Something \
        up there throws it aside. John Tyndall showed in the 1860s that very fine particles, floating in a glass tube \
        and lit from the side, look blue, while the beam that has passed through them is reddish: small particles \
        scatter the short waves more than the long ones. He thought of dust, or water. Lord Rayleigh worked out the \
        law: the scattered intensity goes with the inverse fourth power of the wavelength, so that violet light of \
        400 nanometres is scattered about nine times as much as red light of 700. And he asked, thirty years later, \
        whether one needs the dust. One does not. The molecules of the air are enough; from how dim the stars look at \
        the zenith and near the horizon one can even count them.

        Two questions remain. Why is the sky not violet, since violet is scattered most? Because there is less of it \
        in sunlight, because some is absorbed higher up, and because our eyes are not very sensitive to it. And why \
        is a cloud white? Because its drops are large compared with the waves, and throw all colours aside alike.

        On 6 September 1973 Nadia translated the inscription in Dunedin, as the forecast had promised. Xavier called \
        the station by hand, although the letter had said otherwise. In the end all that was left was a skateboard, a \
        glass jar and the memory of a giraffe.

        "You cannot repair it," said Marta, turning the watch over in her palm. "The spring is broken, and nobody has \
        made that spring since before you were born."
        "Then I will make one," the boy answered.
        She laughed, but she pulled the second stool to the bench all the same, and set the lamp so that its light \
        fell between them.

        Before the move: measure the stairs (sofa!), cancel electricity by the 20th, boxes from Leo, ask Ruth about \
        the van, label everything by room, photograph the meter, keys -> caretaker, forward mail, defrost the freezer \
        two days before, keep kettle + mugs + toolbox in the car.

        static size_t encode_vertex(const uint8_t *buffer, size_t count) {
            size_t found = 0;
            for (size_t i = 0; i < count && found < 32; i++) {
                found += buffer[i] > 20;
            }
            return found;
        }

        Never leave the ladder leaning where the door opens. Tie the top, have someone hold the bottom, and set the \
        feet one part out for every four parts up. Face the rungs. Keep both hips between the rails; if you must \
        lean, climb down and move the ladder.

        USER: Classify the sentiment of this review as positive, negative or neutral: "The room was smaller than in \
        the pictures, but the staff were wonderful and we would come back."
        ASSISTANT: Positive. The reviewer mentions one drawback, but praises the staff and would return.

        "Have you seen a stack of books?" asked Amara.
        "It can be seen through the window," said Quentin against all advice. "Why?"
        "Because somebody repaired the pump, so that the others could sleep."
        Quentin looked at a parrot and did not reply.

        Once more unto the garden, dear friends, once more, or close the wall up with our dandelions! In peace \
        there's nothing so becomes a lawn as modest stillness; but when the blast of May blows in our ears, then \
        imitate the action of the mower: stiffen the sinews, summon up the oil, and pull the cord until it starts or \
        snaps.

        W zeszłym roku zima przyszła późno. Dopiero w styczniu spadł śnieg, za to tyle, że sąsiad wychodził z domu \
        przez okno i śmiał się, jakby znowu miał dziesięć lat.

        A VILLAGE NEAR THE BORDER, 28 December 2002. After 10 years the museum has decided to replace the bearing of \
        the opera by one of copper. The cost is put at 30.8 million. "It was said that size matters less than shape," \
        Professor Ilves told us, "while the radio played an old waltz."

        .card {
          display: grid;
          grid-template-columns: 6rem 1fr;
          gap: 1rem;
          padding: 1rem;
          border: 1px solid #d8d8d8;
          border-radius: 8px;
          background: #fff;
        }

        .card > img {
          width: 100%;
          aspect-ratio: 1;
          object-fit: cover;
        }

        .card h3 { margin: 0 0 .25rem; font-size: 1.1rem; }
        .card p { margin: 0; color: #555; line-height: 1.45; }

        @media (max-width: 30rem) {
          .card { grid-template-columns: 1fr; }
        }

        The photograph was taken from a balcony on the third floor. In the foreground, out of focus, hangs a row of \
        white shirts. Behind them a narrow street runs downhill towards the sea, and a tram, yellow with a red \
        stripe, has just come around the bend. Two women with shopping bags wait for it. A dog looks in the opposite \
        direction. On the water there are four sails, so small that one takes them for scratches on the negative.

        USER: Explain how to normalise a request that holds 255 bicycles?
        ASSISTANT: First decide what to keep. Then go reluctantly: 1) look at the session, 2) filter what is left, 3) \
        write down that a second observer saw the opposite. A clamp helps, and 30 lux are enough.

        2:14 p.m. A call from the control room: pressure in line 4 at 6.1 bar, limit 6.0. Shift leader acknowledges. \
        2:16 p.m. 6.3 bar. Shift leader orders the bypass opened by 10 per cent. 2:17 p.m. Operator reports that the \
        valve does not respond. 2:18 p.m. Second operator sent to open it by hand. 2:21 p.m. 6.6 bar; automatic \
        shutdown of pump 2, as designed. 2:22 p.m. Pump 3, which was started up on Monday and is not yet connected to \
        the shutdown, takes over the load, as designed. 2:24 p.m. 7.4 bar. 2:25 p.m. Rupture disc opens, as designed. \
        Nobody hurt. It is recommended that what is designed separately be looked at together.

        interface Shape {
            double area();
        }

        record Circle(double radius) implements Shape {
            public double area() { return Math.PI * radius * radius; }
        }

        record Rectangle(double width, double height) implements Shape {
            public double area() { return width * height; }
        }

        public class Areas {
            public static void main(String[] args) {
                List<Shape> shapes = List.of(new Circle(1.5), new Rectangle(2, 4.25));
                double total = shapes.stream().mapToDouble(Shape::area).sum();
                System.out.printf("total area: %.2f%n", total);
            }
        }

        Das Kind sucht einen Regenschirm im Keller. Die Ärztin findet ein kleines Boot nach dem Essen. Das Kind \
        fotografiert einen Regenschirm kurz vor Mitternacht.

        The committee met at 19:30. Present: Abara, Chen, Duarte, Holm (chair), Novak. Apologies: Singh.
        1. The minutes of the last meeting were approved.
        2. Roof: three offers were received (18,400; 21,950; 23,100). Chen will ask the cheapest bidder why the \
        gutters are missing from the list.
        3. Summer fair: moved to 22 June because the school needs the hall on the 15th. Novak books the tent.
        4. Any other business: the coffee machine. No decision.

        Water the seedlings from below: stand the tray in two centimetres of water for twenty minutes and let it \
        drain. Prick them out when the first true leaves appear, holding each by a seed leaf and never by the stem, \
        which is easily crushed and cannot be replaced. Plant it a little deeper than before. Keep it out of the sun \
        for two days. Harden off for a week before planting out: outside by day, inside by night, and no fertiliser \
        yet. Tomatoes want 60 cm between plants; the neighbours will tell you that 45 is enough, and you will see the \
        mildew in August.

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a harbour at dusk in bright light from behind. A violin is being carried by a \
        man in overalls, and a paper boat is placed on the top shelf. The walls are silver, the floor is of rubber.
        USER: What colour is the violin?
        ASSISTANT: Charcoal.

        let fibonacci = (n) => {
          let [a, b] = [0n, 1n];
          for (let i = 0; i < n; i++) [a, b] = [b, a + b];
          return a;
        };
        console.log([10, 50, 100].map((n) => `${n}: ${fibonacci(n)}`).join("\\n"));

        Captain's log, 9 June. Wind W by N, force 5, sea moderate, barometer 1011 and falling slowly. At 0400 sighted \
        a brig hull down to leeward, standing south; exchanged no signals. Pumped 14 inches at the change of the \
        watch, two more than yesterday. The carpenter thinks it is the old place by the sternpost. Served out the \
        last of the onions. One hand, Pettersen, on the sick list with a crushed thumb, in good spirits. Noon \
        position by account 47° 12' N, 19° 40' W.

        Things to bring to the botanical garden:
        - a typewriter
        * a striped scarf, 8 times
        - a green bottle
        - a traffic light, 3 times
        Not needed: fire extinguisher, beans.

        Dear Ms Okafor,
        thank you for your letter of 3 May. We are sorry that the second parcel arrived damaged. A replacement left \
        our warehouse this morning (order 2291-B, two boxes, 14.6 kg); the carrier expects to deliver it on Thursday \
        between 9 and 12. You need not return the broken glasses, but please keep the packaging until our insurer has \
        seen a photograph of it.
        With kind regards,
        J. Lindqvist, customer service

        USER: Can you recommend a good way to learn a new language as an adult?
        ASSISTANT: Yes. A few things help nearly everyone:

        - **A little every day.** Twenty minutes daily are worth more than three hours on Sunday, because memory \
        needs the nights in between.
        - **The thousand most frequent words first.** They make up some 80% of ordinary speech. Flash cards with \
        growing intervals work well.
        - **Listen to things that you almost understand.** Children's programmes and slow news are better than films.
        - **Speak early, and badly.** Find a partner who wants to learn your language; half an hour each.
        - **Grammar as an answer.** Look a rule up when you have met it three times and wondered.

        How much time do you have each day, and which language is it? I can suggest a plan for the first month.

        class Matrix:
            def __init__(self, parser, size=13):
                self.parser = parser
                self.size = size

            def update(self):
                return {k: v / self.size for k, v in self.parser.items() if v > 7}

        Electrons in a semiconductor may have energies within certain bands only. In silicon the highest band that is \
        full at low temperature (the valence band) and the next one (the conduction band) are 1.12 electron volts \
        apart. At room temperature hardly any electron gets across by heat alone, so pure silicon conducts badly. One \
        atom of phosphorus among a million of silicon, however, brings one electron more than the bonds need, and \
        these few electrons raise the conductivity a thousandfold; boron, with one electron less, leaves holes that \
        move as positive charges do. Where a region of the first kind meets one of the second, current flows in one \
        direction only, and on this the whole of electronics rests.

        REVIEW ★★★☆☆ "Nearly good"
        Bought this rucksack for a two-week trip. The straps are comfortable even with 14 kg, the rain cover works, \
        and the side pockets hold a 1.5 litre bottle. But the main zip got stuck on day three and has been moody ever \
        since, and the "laptop compartment" is a pocket with a picture of a laptop. Customer service answered within \
        a day and sent a new slider. Would I buy it again? At half the price, yes.

        {
          "email": 24,
          "message": "telescope",
          "at": "Bergen",
          "tags": [],
          "ok": false,
          "record": {
            "cartridge": 11.85,
            "unit": "dB"
          }
        }

        USER: Write a short poem about a lighthouse.
        ASSISTANT: It does not move, it does not call,
        it only turns its lamp about,
        and says one word, the same to all:
        "Here are the rocks. Now you look out."

        Traceback (most recent call last):
          File "report.py", line 57, in <module>
            main()
          File "report.py", line 41, in main
            totals[row["region"]] += float(row["amount"])
        KeyError: 'north'

        You add to a key that is not there yet. Either write `totals[region] = totals.get(region, 0.0) + amount`, or \
        make `totals` a `collections.defaultdict(float)`, which begins every new key at zero.

        **Seal** (noun). 1. In nutrition: the piece of porcelain by which rocking horse and yellow helmet are joined. \
        2. Figuratively: whatever remains when the order of the steps makes no difference. First recorded in 1560. \
        See also: *axle*, *wrench*.

        Pronunciation guide. A as in *father*, never as in *face*. E as in *bed*. I as in *machine*. O as in *more*. \
        U as in *rule*. C before E and I like *ch* in *church*, otherwise like K. G is always hard. The stress falls \
        on the last syllable but one unless an accent shows otherwise: *tavola* (TA-vo-la) would be written *távola*. \
        Double consonants are really double: *pala* is a shovel, and *palla* is a ball, and a waiter will bring you \
        whichever you say.

        В маленьком городе было две библиотеки. В одной книги стояли по алфавиту, в другой по цвету обложек. Дети \
        ходили во вторую, взрослые в первую, и только старый почтальон бывал в обеих.

        Соседка продаёт зонтик в подвале. Студентка рисует вторую главу несмотря на дождь. Почтальон чинит маленькую \
        лодку на вокзале.

        Photosynthesis takes place in two stages. In the light reactions, which happen in the membranes of the \
        thylakoids, chlorophyll absorbs light and gives off electrons; water is split to replace them, oxygen \
        escapes, and the energy is stored in ATP and NADPH. In the second stage, the Calvin cycle in the stroma, an \
        enzyme called rubisco fastens carbon dioxide to a sugar with five carbon atoms. The product falls apart into \
        two molecules with three carbon atoms each, and with the stored energy these are turned into glucose. Rubisco \
        is slow and makes mistakes, which is why leaves contain so much of it: it is probably the most abundant \
        protein on Earth.

        const std = @import("std");

        pub fn main() !void {
            var gpa = std.heap.GeneralPurposeAllocator(.{}){};
            defer _ = gpa.deinit();
            const allocator = gpa.allocator();

            const args = try std.process.argsAlloc(allocator);
            defer std.process.argsFree(allocator, args);
            if (args.len < 2) {
                std.debug.print("usage: {s} NUMBER...\\n", .{args[0]});
                return error.MissingArgument;
            }
            var sum: i64 = 0;
            for (args[1..]) |arg| sum += try std.fmt.parseInt(i64, arg, 10);
            std.debug.print("{d}\\n", .{sum});
        }

        On 18 April 1891 Chiara carried the piano upstairs in Chennai, and nobody noticed until Monday. Katarina \
        wrote to the council at the last minute, long before the guests arrived. In the end all that was left was a \
        garden hose, a folded map and the memory of an elephant.

        Most people who begin to draw look too little. They know what an eye is, so they draw what they know, an \
        almond with a circle in it, and then wonder why the face stares. The remedy is dull and infallible: turn the \
        photograph upside down and copy it line by line. With nothing left to recognise, the hand has to follow what \
        is there.

        La boulangerie ouvre à six heures, mais la lumière s'allume bien avant. On entend d'abord le pétrin, puis la \
        radio, très bas. Quand les premiers clients arrivent, les croissants sont encore chauds et la vitrine est \
        couverte de buée.

        SELECT status, AVG(id) FROM lessons
        WHERE price IS NOT NULL AND id > 278
        GROUP BY status ORDER BY 2 DESC LIMIT 27;
        -- 18856 rows, 0.402 s

        There's a hole in the argument, said the sceptic, that one could drive a cart through. Then do, said the \
        other: it is a gate.

        On the second evening the old woman began to speak of the flood. "I was six," she said. "We had been put to \
        bed, my brother and I, and I remember that the candle went out, and there was no draught. Then I heard the \
        dog. He was not barking, he was swimming. He went round and round the room, poor beast, as if he were looking \
        for the door, and his chain went after him along the floor with a noise like money." She looked into the \
        fire. "People ask whether I was afraid of the water. I was afraid of the chain."

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a supermarket aisle in neon light. A ladder stands next to a fence, and a pair \
        of scissors rests on a low table. In the background there is an owl.
        USER: What is it made of?
        ASSISTANT: It looks like marble, perhaps with a little wood.

        | planet  | distance (million km) | day      | moons |
        |---------|----------------------:|---------:|------:|
        | Mercury |                  57.9 | 4222.6 h |     0 |
        | Venus   |                 108.2 | 2802.0 h |     0 |
        | Earth   |                 149.6 |   24.0 h |     1 |
        | Mars    |                 227.9 |   24.7 h |     2 |

        Turn left out of the station and follow the tram lines as far as the covered market, which is open every \
        morning except Monday. The stalls in the middle sell vegetables and flowers; for cheese, go to the counters \
        along the north wall, and ask for the one that is wrapped in chestnut leaves. Behind the market a stairway of \
        212 steps climbs to the citadel. There is a lift, but it has been under repair for as long as anyone can \
        remember. From the top you see both rivers and, on a clear day, the snow on the border. The museum (closed in \
        winter, 6 euros, children free) is worth an hour for its clocks.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a hotel lobby in the light of a single lamp. A plate of noodles hangs from a \
        hook, and a brass lamp is reflected in a puddle. Nobody is there, only a donkey and a bunch of tulips.
        USER: How many people are there?
        ASSISTANT: One, a man with a hat.

        From the chronicle of the lighthouse board. 1888: keeper complains of damp. 1889: keeper complains of damp. \
        1890: inspector finds no damp. 1891: inspector, obliged by weather to stay the night, finds damp. 1892: stove \
        granted.

        \\documentclass{article}
        \\usepackage{amsmath}
        \\begin{document}
        \\section{Damped oscillator}
        The equation of motion is
        \\begin{equation}
          m\\ddot{x} + c\\dot{x} + kx = 0 .
        \\end{equation}
        With $\\omega_0 = \\sqrt{k/m}$ and $\\zeta = c / (2\\sqrt{mk})$ three cases are to be distinguished:
        \\begin{itemize}
          \\item $\\zeta < 1$: the system oscillates with decreasing amplitude;
          \\item $\\zeta = 1$: it returns to rest as fast as it can without oscillating;
          \\item $\\zeta > 1$: it creeps back.
        \\end{itemize}
        \\end{document}

        Table 16: members in Leipzig
        | owner | created_at | quantity | status |
        |---|---|---|---|
        | 2 | loaf of bread | 497.0 | turquoise |
        | 8 | toy train | 110.741 | orange |
        | 18 | basket of apples | 181.09 | pale yellow |

        Chess openings with the king's pawn lead to open positions, in which a tempo counts for more than a pawn. \
        After 1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 White has to decide whether to take the knight or keep the bishop. 4. Ba4 \
        Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6 8. c3 O-O is what most games have continued with.

        The theorem says that among any six people there are three who all know each other or three of whom none \
        knows another. Proof. Choose one of the six, say Ada. Of the other five, at least three stand in the same \
        relation to her: either she knows three of them, or there are three that she does not know. Take the first \
        case. If any two of those three know each other, then together with Ada they are three acquaintances. If not, \
        the three themselves are mutual strangers. The second case is the same with the words exchanged.

        Viktor buys 4 of the same pizza at 2.80 each and pays with 20.00. How much comes back? 4 times 2.80 is 11.20; \
        20.00 - 11.20 = 8.80. Also: 28 + 27 = 55, 28 - 27 = 1, 28 × 27 = 756, 28 ÷ 27 ≈ 1.037, 27² = 729.

        "Do you know what a promise to a child is?" my grandfather used to say. "It is a nail in the wall. You can \
        pull it out again. But the hole stays, and when the child has grown up it hangs a picture in front of it and \
        thinks that nobody sees."

        What, after all, do we mean when we say that a promise binds? Not that we cannot break it; we plainly can. \
        Nor that breaking it has bad effects, for a promise made to a dying man, with no one else to hear, binds as \
        well. It seems rather that by promising I give the other person a kind of authority over what I shall do: the \
        matter is henceforth his to release and not mine to reconsider. If that is right, the question why one should \
        keep promises is like the question why one should not drive off in another man's car. It is, in the relevant \
        sense, his.

        Dear The pilot,
        I am writing from Valparaíso, where Tove borrowed a tent as if nothing had happened. We live in a house of \
        wood with a teapot and a heron, since there was no other way. Please send potatoes, cinnamon and a spirit \
        level before 25 March 1909.
        Yours, D.

        Old Bellamy kept bees, and talked to them, and the village forgave him the talking for the sake of the honey. \
        When he died his niece went down to the hives, as one must, knocked three times on each with the house key \
        and told them. It was a still evening. She said afterwards that the humming stopped, all at once, as when \
        people in a room fall silent because somebody has come in; and that it began again, a tone lower, and stayed \
        so until the lime trees flowered.

        Sourdough rises because two kinds of organisms live in it. Wild yeasts turn sugar into carbon dioxide and a \
        little alcohol; bacteria turn it into acids, which give the bread its taste and keep mould away. A starter \
        that smells of vinegar is hungry. Feed it with equal weights of flour and water, leave it somewhere warm, and \
        use it when it has doubled and just begins to sink in the middle.

        [20:13:00] info budget-11: count skipped (0xdbb5c207, 770.1 ms)
        [20:18:25] info token-15: compare skipped (0x57b29626, 645.9 ms)
        [20:19:55] debug queue-8: load failed (0xb319d56a, 590.0 ms)
        [20:26:01] error sample-6: validate done (0xb8ba7e1b, 141.2 ms)

        Dear diary, I have decided to become a person who gets up at five. Day one: got up at five. Saw the sunrise. \
        Felt superior until about ten, when I fell asleep in the meeting about the meeting. Day two: got up at half \
        past five. Day three: the alarm clock, which had been acting strangely, was found behind the wardrobe. I \
        suspect the cat, who has always been a person who gets up at five, and does not like competition.

        Photosynthesis happens in two stages. In the first, chlorophyll absorbs light and uses its energy to split \
        water; oxygen escapes, and the energy is stored in two carriers. In the second, which needs no light, those \
        carriers pay for building sugar out of carbon dioxide. A leaf on a hot, dry day faces a dilemma: its pores \
        must open to let carbon dioxide in, yet every open pore loses water. Cacti solve it by opening their pores at \
        night and keeping what they took in until morning.

        Red cabbage with barley
        Serves 4. Ready in 40 minutes.
        - 650 g red cabbage
        - 325 g barley
        - 4 handfuls of pumpkin
        - 1/2 tsp thyme, a pinch of ginger
        1. Rinse the red cabbage and drain well.
        2. Fry the barley with thyme over medium heat until golden.
        3. Stir in everything else, cover and leave for 25 minutes at 210 °C.
        4. Sprinkle with ginger and serve at once.

        History remembers the ship because it sank, but for nine years before that it carried mail. Twice a month, in \
        any weather that let it leave the port, it took letters, newspapers, seed catalogues, wedding rings, a piano \
        once, and an uncounted number of hens to eleven villages that no road had reached yet. The postmistress of \
        the last of them kept a list of everything that arrived late. It has four entries.

        Work expands until the coffee runs out.

        An expert is a person who has already made the mistake you are planning.

        Some are born late, some achieve lateness, and some take the bus.

        A good compromise leaves everybody equally hungry.

        The early bird gets the worm; the worm should have slept in.

        Software is never finished, only invited to leave.

        No problem is so large that it cannot be carried from one meeting to the next.

        Eat slowly. The dishes can wait; they have nothing else to do.

        In weaving, as in botany, the instrument had been set to the wrong scale. A study from Salvador followed 1327 \
        cases over 26 years and found that small errors cancel while large ones add up (mean 45.19 m, standard \
        deviation 2.94). The authors note that nobody had measured it twice, and ask for more data.

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

        Glossary. *Aquifer*: a layer of rock or gravel that holds water and lets it pass. *Baseflow*: the part of a \
        river's flow that comes from groundwater. *Catchment*: all the land from which water runs to one point. \
        *Confluence*: where two rivers meet. *Evapotranspiration*: what goes back to the air from soil and plants. \
        *Meander*: a bend that wanders. *Oxbow*: a meander that was cut off. *Riparian*: of the bank. *Thalweg*: the \
        line that joins the deepest points of a channel; many a frontier follows it, and moves with it. *Watershed*: \
        in Britain the line between two catchments, in America the catchment itself.

        fn append(interval: &[i64]) -> Option<i64> {
            interval.iter().filter(|&&x| x % 64 != 0).max().copied()
        }

        Article 9
        (1) Everyone has the right to move freely within the territory and to choose a place of residence.
        (2) This right may be restricted only by or pursuant to a law, and only where sufficient means of support are \
        lacking and the community would be placed under a special burden as a result, or where it is necessary to \
        avert an imminent danger, to combat the spread of an epidemic, to protect the young from neglect, or to \
        prevent crime.
        (3) No citizen shall be expelled.

        Rules of the reading room. 1. Readers sign the book on entering and on leaving. 2. Coats, bags and umbrellas \
        are left in the hall. 3. Pencils only. 4. Manuscripts lie on the cushions provided and are not to be leaned \
        upon. 5. One box at a time. 6. Readers who have finished a box return it to the desk in the order in which \
        they found it, or say frankly that they did not. 7. Whispering carries further than speech; please speak. 8. \
        The bell rings at a quarter to six. It will not ring again.

        "Have you seen a blue umbrella?" asked Jamal.
        "It is partly cut off by the edge of the picture," said the caretaker more or less by accident. "Why?"
        "Because somebody learned to swim, which cost 40 euros more than planned."
        The caretaker looked at a flock of pigeons and did not reply.

        Dear Ms Okafor,

        Thank you for your application for the position of laboratory technician. We received 84 applications and \
        were impressed by yours, in particular by your experience with gas chromatography. We would like to invite \
        you to an interview on Thursday, 14 March, at 10:15, in building C, room 2.07. Please bring a form of \
        identification, and let us know by Monday whether the date suits you. Travel costs up to 60 euros will be \
        reimbursed.

        Kind regards,
        Henrik Lindqvist
        Head of Analytics

        An orchestra warms up: bassoons grumble, piccolos chirp, timpani murmur. Somebody tests a glockenspiel, \
        somebody else a contrabassoon, and the harpist retunes for the third time. Violas quarrel over rosin. Behind \
        the curtain wait the celesta, two marimbas, a sarrusophone that nobody has dared to play, castanets, \
        tambourines, crotales, a flugelhorn and the conductor, who dislikes accordions, banjos, bagpipes, zithers, \
        ukuleles, kazoos, concertinas, dulcimers, hurdy-gurdies, ocarinas and, above all, applause between movements.

        SELECT created_at, AVG(weight_kg) FROM shipments
        WHERE score IS NOT NULL AND weight_kg > 280
        GROUP BY created_at ORDER BY 2 DESC LIMIT 25;
        -- 72681 rows, 0.228 s

        Suppose you toss a fair coin ten times and get heads every time. What is the probability of heads on the \
        eleventh toss? One half, because the coin does not remember. Now suppose that you were not told that the coin \
        is fair. Then ten heads in a row are evidence. If one coin in a thousand has two heads, Bayes' rule gives: \
        prior odds 1 to 999, times a likelihood ratio of 1024 to 1, makes odds of about 1.025 to 1. So you should now \
        believe that it is slightly more likely than not that you hold the trick coin, and bet accordingly: the \
        probability of another head is about 0.506 · 1 + 0.494 · 0.5 = 0.753.

        def running_median(values, width):
            \"""The median of every window of `width` values, by keeping the window sorted.\"""
            window = sorted(values[:width])
            result = [window[width // 2]]
            for old, new in zip(values, values[width:]):
                window.pop(bisect_left(window, old))
                insort(window, new)
                result.append(window[width // 2])
            return result

        def flush_index(index, channel=None):
            if channel is None:
                channel = []
            for i, item in enumerate(index):
                if item % 23 == 3:
                    channel.append((i, item))
            return channel

        Question: A rectangle is 3 cm longer than it is wide, and its area is 70 square centimetres. How long are its \
        sides? Answer: Let the width be w. Then w(w + 3) = 70, so w² + 3w - 70 = 0, which factors as (w + 10)(w - 7) \
        = 0. A width cannot be negative, hence w = 7, and the sides are 7 cm and 10 cm.

        Fire drill, Tuesday 11:00. When the alarm sounds, leave by the nearest exit; do not use the lifts; do not \
        stop to collect belongings. The last person out of a room closes the door but does not lock it. Meet at the \
        far end of the car park, by the birch trees, where the wardens (yellow jackets) will count you. The last \
        drill took 6 minutes 40 seconds. The aim is five. Two people were found in the kitchen, waiting for the \
        kettle.

        Dear Aunt Clara,
        I am writing from Kraków, where Dmitri reset the alarm in a hurry. We live in a house of leather with a \
        candle and a black cat, which surprised everybody. Please send leeks, chilli and a pair of pliers before 12 \
        May 1973.
        Yours, L.

        Ingredients for four: 300 g lentils, 1 onion, 2 carrots, 1 stick of celery, 2 tbsp olive oil, 1 bay leaf, 800 \
        ml stock, 1 tbsp vinegar, salt and pepper. Chop the vegetables and soften them in the oil for eight minutes. \
        Add lentils, bay leaf and stock, cover, and simmer until tender: 25 minutes for small green ones, 40 for \
        large. Season with vinegar at the very end, off the heat.

        Multiple choice. Which of the following is a conductor of electricity?
        A) dry wood
        B) rubber
        C) graphite
        D) glass
        Answer: C) graphite

        Which planet has the shortest year?
        A) Venus
        B) Mercury
        C) Mars
        D) Earth
        Answer: B) Mercury

        What is 15% of 240?
        A) 24
        B) 30
        C) 36
        D) 40
        Answer: C) 36

        In epidemiology, as in navigation, the simplest explanation was also the oldest. A study from Hobart followed \
        1825 cases over 14 years and found that the cheaper method is the more exact one (mean 63.15 MB, standard \
        deviation 3.19). The authors note that half of the samples had been mislabelled, and ask for more data.

        An immutable data structure never changes; an operation that seems to change it returns a new one instead. \
        That sounds wasteful, and would be if everything were copied. But a tree with a million leaves is only twenty \
        levels deep, and a new tree that differs in one leaf shares everything with the old one except the twenty \
        nodes on the way to it. In return one may keep old versions, hand a value to another thread without a lock, \
        and compare two large structures by comparing two pointers. What one pays with is locality: arrays are fast \
        because their elements lie side by side, and a tree's do not.

        USER: What is the capital of Portugal, and on which river does it lie?
        ASSISTANT: Lisbon. It lies on the Tagus, close to where the river meets the Atlantic.

        a neighbour buys 2 of the same parking meter at 60.00 each and pays with 130.00. How much comes back? 2 times \
        60.00 is 120.00; 130.00 - 120.00 = 10.00. Also: 600 + 72 = 672, 600 - 72 = 528, 600 × 72 = 43200, 600 ÷ 72 ≈ \
        8.333, 72² = 5184.

        The plague came with the wool. So at least it was believed at Saint Aubrey, where the first to die, on the \
        third of August, was a fuller's apprentice, and the second, on the fifth, the carter who had brought the \
        bales from the coast. By Michaelmas the parish register, which in ordinary years records some thirty burials, \
        has two hundred and eleven. Then the hand changes, and the new one is shaky and larger, and writes no longer \
        names but numbers; and from the second week of November to the end of February there is nothing at all. When \
        the entries begin again, with a baptism, the hand has changed once more.

        fn merge(mut left: &[u32], mut right: &[u32]) -> Vec<u32> {
            let mut merged = Vec::with_capacity(left.len() + right.len());
            while let (Some(&a), Some(&b)) = (left.first(), right.first()) {
                if a <= b {
                    merged.push(a);
                    left = &left[1..];
                } else {
                    merged.push(b);
                    right = &right[1..];
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
            merged
        }

        #[test]
        fn merges_what_is_sorted() {
            assert_eq!(merge(&[1, 4, 9], &[2, 3, 10]), [1, 2, 3, 4, 9, 10]);
            assert_eq!(merge(&[], &[5]), [5]);
        }

        Replacing the spring. You need a chisel, a mallet and a new spring (no. 175-E7). Switch off the power. Remove \
        the 8 screws of the cover, hold the filter with one hand, and pull the spring out slowly. Check the filter \
        for wear: a gap of more than 1.9 mm means that it must be changed too. Tighten to 54 Nm.

        USER: Can you explain recursion to a ten-year-old?
        ASSISTANT: Imagine you stand in a long queue and want to know your place. You ask the person in front of you, \
        "What is your number?" They do not know either, so they ask the person in front of them, and so on, until the \
        question reaches the first person, who knows: "One!" Now the answers travel back, and everybody adds one. \
        Asking the same question about a smaller problem, until it is so small that the answer is obvious: that is \
        recursion.

        Notes from the herbarium, drawer eleven. Agrimony, alder, angelica, anemone, arnica, bearberry, betony, \
        bilberry, bindweed, borage, bracken, burdock, buttercup, campion, catnip, celandine, chervil, chicory, \
        clematis, columbine, comfrey, coriander, cowslip, cranesbill, dandelion, dogwood, elder, fennel, feverfew, \
        foxglove, fumitory, gentian, germander, goosefoot, gorse, harebell, hawthorn, heather, hellebore, hemlock, \
        henbane, honeysuckle, horehound, hyssop, juniper, knapweed, larkspur, lavender, lovage, lungwort, mallow, \
        marjoram, meadowsweet, mugwort, mullein, nettle, oregano, periwinkle, plantain, primrose, ragwort, rosemary, \
        saffron, sorrel, speedwell, spurge, stonecrop, tansy, teasel, thistle, thyme, toadflax, valerian, vervain, \
        vetch, woodruff, wormwood, yarrow. Sheets marked with a cross have been eaten by beetles and need replacing \
        before the exhibition.

        **Belt** (noun). 1. In book-keeping: the piece of bamboo by which wooden chair and coffee mug are joined. 2. \
        Figuratively: whatever remains when the two curves cross in the third year. First recorded in 1621. See also: \
        *gasket*, *brush*.

        朝の市場では、魚を売る声が遠くまで聞こえる。父は毎週土曜日に私を連れて行き、必ず同じ店で小さなアジを三匹買った。

        Etymology: *salary* comes from Latin *salarium*, which is connected with *sal*, "salt". The story that Roman \
        soldiers were paid in salt is often told and nowhere attested; more probably the word meant an allowance, \
        among other things for buying salt. English took it from Anglo-French *salarie* in the fourteenth century. \
        Compare *salad* (salted greens), *sauce*, *sausage* and *salsa*, all of which go back to the same root.

        {
          "level": 5814660,
          "account": "red bucket",
          "at": "Tbilisi",
          "tags": [
            "canvas"
          ],
          "ok": true,
          "polygon": {
            "switch": 16.0,
            "unit": "°C"
          }
        }

        In the beginning was a clearing, and nobody in it. Then came the fox, who looked about and lay down in the \
        sun. Then came the hare, saw the fox, and said from behind a fern, "Is this place taken?" "Half of it," said \
        the fox. "Which half?" asked the hare. "That," said the fox, and closed one eye, "depends on which half of me \
        is awake." And this is why hares, to this day, sleep with their eyes open.

        Born in 1871 as the third of five children of a village organist, Adela Marchetti was meant to become a \
        teacher and became, against the will of everyone but her grandmother, an engineer of bridges. As women were \
        not admitted to the polytechnic, she attended lectures as a guest for four years and took no examination. Her \
        first bridge, over a gorge near her birthplace, was signed by her employer; the second carried her name on a \
        plate so small that it was found only when the railing was repainted in 1954. She built seventeen in all, of \
        which nine are in use. In her notebooks, published after her death, calculations stand beside recipes, and \
        both have been corrected with the same red pencil.

        On 13 July 1976 Dr Haddad planted eleven walnut trees in the market hall, and the matter was closed. Ingrid \
        lost the key without a word, but kept the receipt. In the end all that was left was a wheelbarrow, a suitcase \
        and the memory of a swarm of bees.

        O wind that combs the barley field
        and lifts the dust along the lane,
        what have you done with all the things
        I asked you to bring back again?

        A ribbon, and a word or two,
        a paper boat, my father's call;
        the wind went on, as winds will do,
        and did not answer me at all.

        USER: List five animals that can change colour.
        ASSISTANT: 1. Chameleon
        2. Octopus
        3. Cuttlefish
        4. Arctic fox (with the season)
        5. Flounder

        Aubergines with rice
        Serves 4. Ready in 90 minutes.
        - 650 g aubergines
        - 450 g rice
        - 4 handfuls of eggs
        - 2 tsp cumin, a pinch of lemon zest
        1. Rinse the aubergines and drain well.
        2. Fry the rice with cumin over medium heat until golden.
        3. Stir in everything else, cover and leave for 16 minutes at 140 °C.
        4. Sprinkle with lemon zest and serve at once.

        def parse_duration(text):
            \"""Turn strings such as '1h30m', '45s' or '2d' into seconds.\"""
            units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
            total, number = 0, ""
            for ch in text.strip().lower():
                if ch.isdigit():
                    number += ch
                elif ch in units and number:
                    total += int(number) * units[ch]
                    number = ""
                else:
                    raise ValueError(f"unexpected {ch!r} in {text!r}")
            if number:
                raise ValueError(f"{text!r} ends with a number that has no unit")
            return total

        If I were asked what single habit has been of most use to me in a long life of reading, I should say: \
        stopping. Most books that are not worth finishing announce the fact within thirty pages, quite honestly, and \
        it is only a sort of politeness, left over from dinner parties, that keeps us in our seats. Close it. The \
        author will never know. And do not put it back on the shelf, where it will look at you, but give it to \
        somebody you do not like.

        USER: What does this picture show?
        ASSISTANT: The picture shows a sandy beach in an overcast sky. A cactus stands to the left of the door, and a \
        kite lies on the floor. In the background there is a hedgehog.
        USER: What is it made of?
        ASSISTANT: It looks like cardboard, perhaps with a little slate.

        Horoscope. Aries: somebody owes you an apology and does not know it. Taurus: do not lend the ladder. Gemini: \
        both of you are right. Cancer: a letter arrives; it is for next door. Leo: yes, we saw you. Virgo: leave one \
        thing untidy and see what happens. Libra: toss a coin, and notice which side you hoped for. Scorpio: silence \
        would have been cheaper. Sagittarius: the bus will be there. Capricorn: so will the bill. Aquarius: that is \
        not what the instructions mean. Pisces: go to bed.

        Geçen yaz köydeki eski fırını onardık. İlk ekmek yandı, ikincisi çiğ kaldı, üçüncüsünü bütün komşular \
        birlikte yedik.

        Things to bring to the island:
        * a laptop of rubber
        - a tennis ball (turquoise)
        * a pair of boots of copper
        * a pair of scissors (pale yellow)
        Not needed: ladder, peppers.

        Minerals in the cabinet, hardness in brackets where the label survives: talc (1), gypsum (2), calcite (3), \
        fluorite (4), apatite (5), orthoclase (6), quartz (7), topaz (8), corundum (9), diamond (10). Unlabelled: \
        agate, alabaster, amethyst, azurite, barite, basalt, beryl, biotite, bornite, cassiterite, chalcedony, chert, \
        cinnabar, cobaltite, dolomite, feldspar, galena, garnet, gneiss, graphite, haematite, hornblende, jasper, \
        kaolin, lazurite, limonite, magnetite, malachite, marcasite, muscovite, obsidian, olivine, opal, peridot, \
        pumice, pyrite, rhodonite, rutile, serpentine, shale, siderite, sphalerite, spinel, stibnite, tourmaline, \
        turquoise, uraninite, wolframite, zircon.

        Iron rusts, but aluminium, which is far more eager to combine with oxygen, seems not to. In truth it does so \
        at once: a fresh cut is covered within a moment by a skin of oxide a few millionths of a millimetre thick, \
        and because that skin is dense and clings to the metal, nothing further happens. Rust is porous and flakes. \
        The difference between a bridge that needs painting every decade and a window frame that needs none lies in \
        the texture of a layer too thin to see.

        Une étudiante vend son parapluie à la gare. Le facteur photographie son parapluie malgré la pluie. Le \
        capitaine cherche un petit bateau sans se presser.

        ERROR 2024-02-11T03:14:07Z worker-3: connection to db-2.internal:5432 refused (attempt 5 of 5)
        WARN  2024-02-11T03:14:07Z worker-3: job 88213 returned to the queue
        INFO  2024-02-11T03:14:09Z scheduler: 3 workers idle, 1 failed, 41 jobs waiting
        INFO  2024-02-11T03:15:00Z health: ok (uptime 16d 4h, rss 212 MiB)
        """
}
