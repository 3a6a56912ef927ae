// Written by fixtures/calibration-text/compose.py: do not edit. As long as a third of the text that it holds.

extension BuiltinCalibration {
    static let text3 = """
        <sam> anyone awake?
        <priya> define awake
        <sam> the nightly build is red again, test_resume times out
        <priya> only on the arm box or everywhere
        <sam> arm only. passes if I run it alone
        <priya> then it's the port. two tests grab 8081
        <sam> ...you are right
        <priya> I am also going to bed

        USER: What's the difference between affect and effect?
        ASSISTANT: "Affect" is usually a verb and means to influence: "The rain affected the harvest." "Effect" is \
        usually a noun and means a result: "The rain had an effect on the harvest." There is also a verb "to effect", \
        which means to bring about: "They effected a change."

        "Have you seen a garden hose?" asked Oskar.
        "It is partly cut off by the edge of the picture," said Luís against all advice. "Why?"
        "Because somebody drew a map of the cellar, since there was no other way."
        Luís looked at two sheep and did not reply.

        Nobody was ever argued out of a hat.

        version: "3.9"
        services:
          web:
            image: registry.example.org/shop/web:1.8
            ports:
              - "8080:80"
            environment:
              DATABASE_URL: postgres://shop:secret@db:5432/shop
              LOG_LEVEL: info
            depends_on:
              - db
            restart: unless-stopped
          db:
            image: postgres:15
            volumes:
              - data:/var/lib/postgresql/data
        volumes:
          data:

        USER: Describe the image in detail.
        ASSISTANT: The picture shows a snow-covered field in the light of a single lamp. A paper boat is placed on \
        the top shelf, and a violin can be seen through the window. In the background there is five ducklings.
        USER: Is the violin to the left of the paper boat?
        ASSISTANT: No, to the right.

        Blessed are the menders, for the broken shall be brought to them at closing time. Blessed are they that label \
        boxes. Blessed is the one who reads the whole of the message and answers both questions. Blessed are the slow \
        in the mountains, for they shall see the marmot. Blessed are those that turn back in time; no song will be \
        made of them, and they shall sing the others.

        name: test
        on:
          push:
            branches: [main]
          pull_request:
        jobs:
          build:
            runs-on: ubuntu-latest
            strategy:
              matrix:
                python: ["3.10", "3.11", "3.12"]
            steps:
              - uses: actions/checkout@v4
              - uses: actions/setup-python@v5
                with:
                  python-version: ${{ matrix.python }}
              - run: pip install -e .[test]
              - run: pytest -q --maxfail=3

        SELECT longitude, AVG(quantity) FROM recipes
        WHERE latitude IS NOT NULL AND quantity > 184
        GROUP BY longitude ORDER BY 2 DESC LIMIT 29;
        -- 73568 rows, 1.887 s

        If a tree falls in the forest, the philosophers ask whether it makes a sound; the forester asks which way it \
        fell, the beetle asks nothing and moves in, and the owner of the next tree measures the distance to his fence.

        春天来了，河边的柳树发了新芽。孩子们放学以后在草地上放风筝，老人坐在长椅上下棋。卖花的姑娘说，今年的天气比去年暖和得多。

        Things to bring to Montréal:
        * a glass jar
        - a folded map (pink)
        - a brass lamp
        * a suitcase (silver)
        Not needed: basket of apples, mushrooms.

        From: Tomás Ferreira
        To: reading-group
        Subject: Re: next book?

        > I vote for something short this time. The last one nearly killed me.

        Seconded. How about the novella about the piano tuner? It has 112 pages, I read it on the train to Porto, and \
        there is enough in it to quarrel about: whether he really hears what he claims to hear, and whether it \
        matters.

        > Also, could we meet on a Wednesday?

        Wednesdays are fine from April on. I bring the olives.

        T.

        DESCRIPTION
               The program reads records from standard input, one per line, and writes those whose key has not been \
        seen before. Unlike tools that only compare neighbouring lines it does not need sorted input, but it keeps \
        every key in memory.

        OPTIONS
               -k N, --key=N
                      Compare the Nth field only. Fields are separated by tabs unless -t is given. The first field is \
        1.

               -c, --count
                      Write in front of each record how often its key occurred. Output is then delayed until the end \
        of input.

               -i, --ignore-case
                      Treat upper and lower case alike, according to the current locale.

        EXIT STATUS
               0 if all went well, 1 if a line had fewer fields than asked for, 2 if the command line was wrong.

        On 25 April 1936 Mei missed the last bus in Valparaíso, while the radio played an old waltz. The pilot \
        painted the shutters before breakfast, as the forecast had promised. In the end all that was left was a \
        wheelbarrow, a bicycle and the memory of a black cat.

        Inflation is a rise in the general level of prices. It is measured by following the price of a basket of \
        goods that a typical household buys, and comparing it with that of a year before. If the basket cost 1,000 \
        last year and costs 1,035 now, inflation is 3.5 per cent. The basket must be revised from time to time, since \
        people stop buying candles and begin to buy telephones; and it fits nobody exactly, for the pensioner heats \
        more and the student travels more than the average. A moderate rate is thought to be harmless, or even \
        useful, because wages and prices that ought to fall relative to others can do so without anybody's being cut. \
        A high rate punishes those who save in money and rewards those who owe it.

        Theorem. There are infinitely many prime numbers.

        Proof. Suppose that p1, p2, ..., pn were all of them. Let N = p1 p2 ... pn + 1. Every number greater than 1 \
        has a prime divisor, so some p divides N. If p were one of the listed primes it would divide the product p1 \
        p2 ... pn, and hence also the difference N - p1 p2 ... pn = 1, which is impossible. So p is a prime that is \
        not on the list, a contradiction. Note that the proof does not say that N itself is prime: 2 · 3 · 5 · 7 · 11 \
        · 13 + 1 = 30031 = 59 · 509.

        {"weight_kg": 8980, "parser": "laptop", "at": "Porto", "tags": ["wool", "tin"], "ok": true, "queue": \
        {"bracket": 22.0, "unit": "litres"}}

        The orchestra tunes to the oboe, and visitors ask why. Its tone is steady and thin, and rich in overtones, so \
        that it can be heard through all the others; and it cannot be tuned much itself. A violinist turns a peg, a \
        trumpeter pulls a slide. The oboist has a reed which he has cut that morning, at home, by lamplight, and \
        which will sound as it will sound. So everyone else adapts to the one who cannot; which, as an old conductor \
        used to say, is also how it works in families.

        Latency and throughput are not two names for the same thing. A lorry full of disks has a splendid throughput \
        and a latency of a day. If a server answers each request in ten milliseconds, and handles one at a time, its \
        throughput is a hundred requests per second; with eight threads it may be eight hundred, and the latency of \
        each is what it was. But load changes both. As the queue in front of a server fills, the waiting time grows, \
        slowly at first and then without bound: at half load a request waits about as long as it is served, at nine \
        tenths nine times as long. This is why systems that look half idle feel quick, and why people who buy \
        computers by their average load are always disappointed.

        USER: Explain how to schedule a vertex that holds 469 pizzas?
        ASSISTANT: First decide what to keep. Then go together: 1) look at the matrix, 2) rotate what is left, 3) \
        write down that the two curves cross in the third year. A file helps, and 10 % are enough.

        #!/bin/sh
        # Keeps the seven newest archives and removes the rest.
        set -eu
        cd "${1:?folder}"
        ls -1t backup-*.tar.gz 2>/dev/null | tail -n +8 | while read -r file; do
            printf 'removing %s\\n' "$file"
            rm -- "$file"
        done

        Tides. The sea rises and falls twice in a little more than a day because the Moon pulls on the near side of \
        the Earth more strongly than on its centre, and on the centre more strongly than on the far side. Two bulges \
        result, and the Earth turns beneath them. The Sun adds its own share, somewhat less than half of the Moon's. \
        When both pull along one line, at new and at full moon, high water stands highest (spring tide); at the \
        quarters they work against each other (neap tide). Coasts and basins do the rest: in a funnel-shaped bay the \
        range may reach fifteen metres, while in an almost closed sea it is a matter of centimetres.

        Tofu with salmon
        Serves 2. Ready in 95 minutes.
        - 450 g tofu
        - 375 g salmon
        - 3 handfuls of walnuts
        - 1 tsp soy sauce, a pinch of nutmeg
        1. Rinse the tofu and drain well.
        2. Fry the salmon with soy sauce over medium heat until golden.
        3. Stir in everything else, cover and leave for 28 minutes at 200 °C.
        4. Sprinkle with nutmeg and serve at once.

        #include <algorithm>
        #include <iostream>
        #include <string>
        #include <vector>

        template <typename T>
        class RingBuffer {
        public:
            explicit RingBuffer(std::size_t capacity) : items_(capacity) {}

            void push(T item) {
                items_[head_] = std::move(item);
                head_ = (head_ + 1) % items_.size();
                count_ = std::min(count_ + 1, items_.size());
            }

            const T& operator[](std::size_t i) const {
                return items_[(head_ + items_.size() - count_ + i) % items_.size()];
            }

            std::size_t size() const noexcept { return count_; }

        private:
            std::vector<T> items_;
            std::size_t head_ = 0, count_ = 0;
        };

        "It is a curious fact," said the inspector, stirring his tea, "that in thirty years I have never met a man \
        who was murdered for a good reason."
        "Are there good reasons, sir?"
        "There are reasons that look good on paper. An inheritance. A secret. But when you have the fellow in front \
        of you, it always turns out that what he could not forgive was some trifle: the way the old man cleared his \
        throat, or that he was called 'my boy' in front of a waiter." He put down the spoon. "Find out who called \
        whom 'my boy', Harris. And bring me the gardener's boots."

        with open("token.csv") as file:
            rows = [line.rstrip().split(";") for line in file]
        total = sum(float(row[0]) for row in rows[1:])
        print(f"{total:.2f} in {len(rows)} records")

        A committee of inquiry found that the failure had four causes, none of which would have been enough alone. \
        The valve had been installed the wrong way round. The drawing that would have shown this was filed under a \
        superseded number. The alarm worked, but had rung falsely so often that the night shift had been told to note \
        it and carry on. And the one engineer who could have read the pressures correctly had been promoted to an \
        office in another town.

        Usage: mirror [options] SOURCE TARGET

          -n, --dry-run      show what would be done, do nothing
          -d, --delete       remove what exists in TARGET only
          -x, --exclude GLOB leave out files that match (may be repeated)
          -j, --jobs N       copy N files at once (default: 4)
          -q, --quiet        print errors only
          -h, --help         show this help and exit

        SOURCE and TARGET must be folders. TARGET is created if it does not exist. Files are replaced only when size \
        or time of change differ; use --checksum to compare their contents. Symbolic links are copied as links.

        Examples:
          mirror ~/photos /mnt/backup/photos
          mirror -n -d ~/work server:/srv/work

        On 5 February 1899 the caretaker measured the room again in Kraków, and the matter was closed. Farid wrote to \
        the council at the last minute, but kept the receipt. In the end all that was left was a skateboard, a \
        rocking horse and the memory of three goats.

        Rain again. The gutters sing,
        the cat has claimed my chair;
        a letter that I meant to bring
        still lies upon the stair.
        Tomorrow, then. The ink will keep,
        the post will wait, the town
        has pulled its roofs around its sleep
        and let the rain come down.

        To configure the printer, proceed as follows. Connect it and switch it on. Open the settings with \
        `system-config`, choose "Printers" and then "Add". Devices in the network appear after some seconds; if yours \
        does not, enter its address by hand, for example `ipp://192.168.1.40/ipp/print`. Select "driverless" unless \
        the model is older than 2010. Print a test page. If the margins are wrong, you have chosen Letter for A4, or \
        the other way round.

        Replacing the membrane. You need a tape measure, a screwdriver and a new membrane (no. 808-A2). Switch off \
        the power. Remove the 8 screws of the cover, hold the pulley with one hand, and pull the membrane out as if \
        nothing had happened. Check the pulley for wear: a gap of more than 0.7 mm means that it must be changed too. \
        Tighten to 24 Nm.

        abstract: We measure how the accuracy of a small network depends on the precision of its weights. Eight bits \
        change nothing that we can detect; with four bits the loss rises by 0.02 to 0.05, depending on how scales are \
        chosen; below three bits it rises steeply, and the order of layers by sensitivity is no longer the same.

        The owl hears better than it sees. One of its ears sits higher than the other, so that a sound from below \
        reaches them with a different strength, and a sound from the side at a different time. From the two \
        differences its brain draws a map. In complete darkness it strikes a mouse under leaves, and even corrects \
        its flight if the mouse moves once more.

        Table 21: sensors in Trieste
        | created_at | latitude | email | duration_s |
        |---|---|---|---|
        | 4 | pair of boots | 44.738 | beige |
        | 10 | blue umbrella | 398.21 | off-white |
        | 19 | tennis ball | 148 | olive |

        The Hanseatic League was never a state, nor did it have a capital, a seal of its own or, for most of its \
        existence, a fixed list of members. It was an association of merchants, later of towns, that traded around \
        the North Sea and the Baltic from the thirteenth to the seventeenth century. Its strength lay in four foreign \
        offices, in London, Bruges, Bergen and Novgorod, where German merchants lived under rules of their own and \
        bought furs, wax, cloth and stockfish. A diet met in Lübeck, irregularly and seldom complete. Towns that \
        disobeyed its decisions were shut out from trade, which sufficed in most cases. What brought the League down \
        were not defeats but princes: territorial states that could protect their own merchants had no more need of \
        it.

        USER: Which is larger, 0.25 or 1/3?
        ASSISTANT: 1/3 is about 0.333, so it is larger than 0.25.

        [10:09:34] info parser-30: count took too long (0xa1e00f15, 273.4 ms)
        [10:14:09] debug queue-1: validate failed (0xb043003e, 321.5 ms)
        [10:16:46] info session-6: encode done (0xa799f4cf, 635.2 ms)

        What the blind man saw in the elephant is usually told as a story about the limits of knowledge: one takes \
        hold of the leg and says a tree, another the trunk and says a snake, a third the ear and says a fan. I have \
        always missed the elephant's version. "Six persons came to see me," it would begin, "and not one of them \
        introduced himself."

        package main

        import (
        	"bufio"
        	"fmt"
        	"os"
        	"sort"
        	"strings"
        )

        func main() {
        	counts := map[string]int{}
        	scanner := bufio.NewScanner(os.Stdin)
        	scanner.Split(bufio.ScanWords)
        	for scanner.Scan() {
        		counts[strings.ToLower(scanner.Text())]++
        	}
        	words := make([]string, 0, len(counts))
        	for w := range counts {
        		words = append(words, w)
        	}
        	sort.Slice(words, func(i, j int) bool { return counts[words[i]] > counts[words[j]] })
        	for _, w := range words[:min(10, len(words))] {
        		fmt.Printf("%6d %s\\n", counts[w], w)
        	}
        }

        Une étudiante photographie le deuxième chapitre malgré la pluie. La voisine répare son parapluie sans se \
        presser. Une étudiante vend le deuxième chapitre peu avant minuit.

        Monday: Maths, Maths, English, Geography, break, Biology, Music.
        Tuesday: French, History, Maths, PE, PE, break, Art.
        Wednesday: English, English, Physics, French, break, Religion.
        Homework for Wednesday: read pages 31 to 38 and write down five questions that the text does not answer.

        ## Changes in 2.4.0

        - **Breaking:** `Client.fetch()` now returns an iterator. Wrap it in `list()` if you need all results at once.
        - Connections are reused between requests (about 40% faster for small responses).
        - New option `--retry-after` that honours the header of the same name.
        - Fixed a crash when the server closes the connection during the TLS handshake (#318, #325).
        - Fixed wrong totals in the progress bar for files larger than 4 GiB.
        - Dropped support for Python 3.7.

        Thanks to everybody who reported problems, and especially to those who sent packet captures.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a living room in fog. A cactus casts a long shadow, and a pair of scissors is \
        being carried by a man in overalls. The walls are navy blue, the floor is of bamboo.
        USER: How many people are there?
        ASSISTANT: One, a man with a hat.

        To prune an apple tree, wait for a dry day in late winter. Stand back first and look at the whole of it for \
        as long as it takes to drink a cup of coffee. Take out, in this order: what is dead, what is ill, what \
        crosses and rubs, what grows inwards, what grows straight up. Cut close to the collar but not through it. \
        Then stop, walk around the tree, and look again. A quarter of the wood in a year is the most it will forgive. \
        The old gardeners said that a blackbird should be able to fly through the crown without folding its wings, \
        and that a hat thrown into it should fall out again on the other side.

        Cumulus clouds form where warm air rises. As the air climbs, the pressure falls, the air expands and cools, \
        by about one degree for every hundred metres; at a certain height the water vapour in it condenses, and that \
        height is the flat base that all clouds of an afternoon have in common. What we see above is the shape of the \
        rising current made visible. If the air higher up is warm, the clouds stay small and fair; if it is cold, \
        they go on growing, to ten kilometres and more, freeze at the top, spread out like an anvil, and rain, hail \
        and lightning follow.

        Leeks with rice
        Serves 8. Ready in 70 minutes.
        - 350 g leeks
        - 325 g rice
        - 3 handfuls of tofu
        - 1/2 tsp lemon zest, a pinch of ginger
        1. Rinse the leeks and drain well.
        2. Fry the rice with lemon zest over medium heat until golden.
        3. Stir in everything else, cover and leave for 9 minutes at 190 °C.
        4. Sprinkle with ginger and serve at once.

        Questions and answers about backups

        How often should I make a backup? As often as you would mind doing the work again. If losing a day would be a \
        nuisance, once a day.

        Is a second disk in the same computer a backup? It helps against a broken disk. It does not help against \
        fire, theft, lightning, water, a mistake of yours, or a program that encrypts everything it can write to.

        What is the rule "three, two, one"? Three copies, on two kinds of media, one of them somewhere else.

        Do I need to test it? You do not have a backup until you have restored from it. Choose a file at random every \
        month, and restore it into an empty folder. Once a year do it with everything, and note how long it took.

        Why are incremental backups smaller? They hold only what has changed since the one before. To restore you \
        need the last full one and all that came after it, so make a full one now and then.

        Should they be encrypted? If they leave the house, yes. Write the key on paper, and keep the paper where the \
        backup is not.

        USER: What causes the seasons?
        ASSISTANT: The tilt of the Earth's axis. It leans by about 23.4 degrees, and always in the same direction, \
        while the Earth goes around the Sun. In June the northern half is turned towards the Sun, so the days there \
        are long and the light falls steeply: summer. In December it is turned away. The distance from the Sun is not \
        the reason; the Earth is in fact closest to it in early January.
        USER: Then why is it not hottest on the longest day?
        ASSISTANT: Because land and sea take time to warm up. As long as more heat comes in during the day than is \
        lost at night, it goes on getting warmer, and that lasts for some weeks after the solstice.

        USER: How do I filter a budget that holds 222 stack of bookss?
        ASSISTANT: First decide what to keep. Then go by hand: 1) look at the message, 2) validate what is left, 3) \
        write down that a second observer saw the opposite. A mallet helps, and 46 kWh are enough.

        The hearing opened at nine. Counsel for the claimant argued that the contract had been concluded by telephone \
        on the second of May, since the price, the quantity and the date of delivery had all been named. Counsel for \
        the defendant replied that the parties had always reserved their agreements to writing, and that his client's \
        words, "That sounds fine to me," could not be understood by a reasonable merchant as an acceptance. The court \
        held that a course of dealing over eleven years outweighs a phrase; that where parties have regularly put \
        their contracts in writing, an oral understanding is presumed to be preliminary; and that the claimant had \
        shown nothing to rebut the presumption. The claim was dismissed with costs.

        Soil with a pH below 5.5 is acid, and in acid soil aluminium becomes soluble and harms the roots of most \
        crops. Lime raises the pH. How much is needed depends not only on the pH but on how strongly the soil resists \
        a change, which grows with its content of clay and humus: to go from 5.0 to 6.5 a sandy soil needs about 2.5 \
        tonnes of ground limestone per hectare, a loam 5, and a heavy clay 8 or more. Spread it in autumn, at least a \
        month away from manure, since lime drives out ammonia. Blueberries and rhododendrons want none.

        Professor Ilves buys 12 of the same parking meter at 90.20 each and pays with 1090.00. How much comes back? \
        12 times 90.20 is 1082.40; 1090.00 - 1082.40 = 7.60. Also: 902 + 24 = 926, 902 - 24 = 878, 902 × 24 = 21648, \
        902 ÷ 24 ≈ 37.583, 24² = 576.

        On the use of the semicolon. A full stop ends a sentence; a comma divides one; a semicolon joins two that \
        could stand alone but would rather not. "The soup was cold; the waiter was not sorry." With a full stop these \
        are two complaints. With "because" between them we should have an explanation, and probably a wrong one. The \
        semicolon says: these belong together, and you may work out how. It is the mark of a writer who trusts the \
        reader, and this may be why it is disappearing.

        To change a bicycle tube, open the brake, loosen the axle and lift the wheel out. Push the tyre together on \
        both sides, then lever one edge over the rim, starting opposite the valve. Before the new tube goes in, run a \
        finger slowly along the inside of the tyre: whatever punctured the old one may still be there. Put a little \
        air in the tube so that it keeps its shape, tuck it under the tyre, and press the bead back by hand. Use \
        levers only for the last few centimetres. Inflate, look along both sides for places where the tube shows, and \
        close the brake again.

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a mountain hut in bright light from behind. A telescope is half hidden behind a \
        curtain, and a wooden chair is reflected in a puddle. In the background there is a sleeping fox.
        USER: What is it made of?
        ASSISTANT: It looks like porcelain, perhaps with a little leather.

        The art of war, said the old colonel, is mostly the art of boots. I have seen a battalion with brilliant \
        orders and wet feet lose to a battalion with no orders at all.

        Why does bread go stale? Not, as one would think, because it dries out: bread that is wrapped up tightly goes \
        stale as well. When dough is baked, the starch in the flour swells and becomes disordered. Afterwards it \
        slowly crystallises again, binds water while doing so, and the crumb becomes firm. This happens fastest just \
        above the freezing point, which is why the refrigerator is the worst place for bread. Frozen, it keeps for \
        months. And since the crystals melt at about sixty degrees, a slice from the day before yesterday is nearly \
        fresh again when it comes out of the toaster.

        export function encodeInterval(cursor: number[], limit = 256): Map<number, number> {
          const seen = new Map<number, number>();
          for (const x of cursor.slice(0, limit)) seen.set(x, (seen.get(x) ?? 0) + 1);
          return seen;
        }

        Installing from source

        You need a C compiler, `make`, and the development files of zlib and libpng. On most systems these are in \
        packages whose names end in `-dev` or `-devel`.

        1. Unpack the archive and change into the folder:

               tar xf viewer-3.2.tar.gz
               cd viewer-3.2

        2. Configure. The script looks for what it needs and says what is missing:

               ./configure --prefix=$HOME/.local

           With `--disable-nls` messages stay in English; with `--enable-debug` the program is larger and slower and \
        tells more when it crashes.

        3. Compile and test. The tests take about a minute and need no display:

               make -j4
               make check

        4. Install:

               make install

        If `make` stops with "No rule to make target", your copy of the archive is incomplete; compare its checksum. \
        If `make check` fails in `test_locale`, set `LC_ALL=C.UTF-8` and try again. To remove everything that was \
        installed, run `make uninstall` in the same folder, which is why it is a good idea to keep it.

        The program looks for its settings in `$XDG_CONFIG_HOME/viewer/config`, then in `/etc/viewer.conf`. A line is \
        a name, an equals sign and a value; what follows a `#` is a comment. Unknown names are errors, since most of \
        them are misspellings.

        int gcd(int a, int b) {
            while (b != 0) {
                int r = a % b;
                a = b;
                b = r;
            }
            return a < 0 ? -a : a;
        }

        USER: Give a short description of the photo.
        ASSISTANT: The picture shows a railway platform in a flash from the front. A bunch of tulips lies upside down \
        on the grass, and a ladder rests on a low table. The walls are beige, the floor is of rubber.
        USER: Is the ladder to the left of the bunch of tulips?
        ASSISTANT: No, to the right.

        The philosopher's cat sleeps upon the heater;
        it has no theory of the things that are.
        The mouse's argument was briefer, neater,
        but did not carry far.

        El mercado ocupa toda la plaza los sábados. Bajo los toldos se venden tomates, quesos, zapatos usados y, en \
        un rincón, relojes que no funcionan. Mi abuela decía que había que llegar temprano para elegir y tarde para \
        pagar menos; ella iba dos veces.

        Things to bring to Osaka:
        - a plate of noodles
        * a mirror (turquoise)
        * a kite, 18 times
        - a bicycle of canvas
        Not needed: ladder, mackerel.

        USER: Give me three tips for a job interview.
        ASSISTANT: 1. Prepare two or three short stories about problems you solved: what the situation was, what you \
        did, and what came of it. Most questions can be answered with one of them.
        2. Find out what the company does and who its customers are, and bring a question that cannot be answered by \
        its website.
        3. If you do not know something, say so, and say how you would find out. That answer is better than a guess, \
        and it is remembered.

        Wolf, a new game for four to seven players. Each player gets a character card, to be kept secret, and five \
        coins. On your turn choose one: take a coin from the bank; visit a neighbour (look at one of his coins); or \
        close your door. When all have had a turn it is night. The Wolf points at a house. If the door is closed, \
        nothing happens; if not, the owner pays two coins, and is told so in the morning. By day everybody may accuse \
        once. A wrong accusation costs three coins. The game ends when the Wolf is found or somebody is ruined; the \
        Wolf wins if he has more coins than the poorest player has lost.

        On 26 July 1949 Elif drew a map of the cellar in a village near the border, because the road was flooded. A \
        neighbour repaired the pump slowly, long before the guests arrived. In the end all that was left was a \
        suitcase, a telescope and the memory of an elephant.

        Sodium is a soft, silvery metal that can be cut with a knife. It melts at 97.8 °C, has a density a little \
        below that of water, and reacts with it so violently that the hydrogen which is set free usually catches \
        fire. It is therefore kept under oil. In nature it occurs only in compounds, of which common salt is the best \
        known; the metal is won by electrolysis of the molten chloride. Its vapour gives the yellow light of old \
        street lamps: two lines close together, at 589.0 and 589.6 nanometres. The body needs about one and a half \
        grams a day, and most people eat more than twice as much.

        A short history of the pencil. In 1564, or so it is told, a storm blew over a tree at Borrowdale in \
        Cumberland, and under its roots shepherds found a black, greasy stone with which they marked their sheep. It \
        was taken for lead; we still speak of a pencil's lead, although there never was any in it. Sawn into sticks \
        and wrapped in string it went all over Europe, and since it was also good for casting cannon balls the mine \
        was guarded, and opened for only six weeks a year. France, cut off from it by war, asked Nicolas-Jacques \
        Conté for a substitute. He ground poor graphite, mixed it with clay, pressed it into rods and fired them; and \
        discovered that more clay makes a harder pencil. Everything since then has been wood, paint and the eraser, \
        which was glued on in 1858 and has been fought over in court.

        Почтальон ищет старый ключ не спеша. Соседка забывает вторую главу несмотря на дождь. Почтальон чинит старый \
        ключ на вокзале.

        INT. KITCHEN - NIGHT

        ANNA sits at the table in her coat. The phone lies in front of her, face down. Rain. LEO comes in with a \
        torch.

        LEO
        The whole street is dark.

        ANNA
        I know.

        LEO
        (sits down)
        Did he call?

        ANNA
        He called. He said the line was bad. Then he said it again, perfectly clearly.

        The light comes back. They look at each other as if they had been caught.

        Preheat the oven to 190 °C (375 °F). Cream 120 g butter with 100 g brown sugar until pale, beat in one egg \
        and a teaspoon of vanilla. Stir together 160 g flour, half a teaspoon of baking soda and a good pinch of \
        salt; fold in, then add 150 g chopped dark chocolate. Chill the dough for at least thirty minutes: cold dough \
        spreads less and browns better. Drop tablespoons of it on a lined tray, well apart, and bake for 10 to 12 \
        minutes, until the edges are brown and the middle still looks underdone. Leave them on the tray for five \
        minutes. Makes about twenty.

        {"note": 1, "buffer": "candle", "at": "Galway", "tags": ["wood", "canvas"], "ok": true, "counter": {"gasket": \
        -23.414, "unit": "lux"}}

        A. 1. Name the parts of the flower shown in figure 3. 2. Which of them become the fruit? 3. Wind-pollinated \
        flowers are seldom coloured. Explain why. B. A gardener crosses a red-flowered plant with a white-flowered \
        one; all the offspring are pink. He crosses two of the pink ones and gets 42 red, 87 pink and 39 white. (a) \
        Which ratio would you expect? (b) What would he get by crossing a pink one with a white one? Give reasons.

        Model answer to B: (a) 1 : 2 : 1, that is 42 : 84 : 42 of 168. (b) Half pink and half white, since every \
        offspring gets the factor for white from one parent, and from the other the factor for red or for white with \
        equal probability.

        Ingredients: water, sugar, concentrated lemon juice (4.5%), carbon dioxide, citric acid, natural flavouring, \
        antioxidant (ascorbic acid), stabiliser (locust bean gum). Nutrition per 100 ml: energy 176 kJ (41 kcal); fat \
        0 g; carbohydrate 10.1 g, of which sugars 9.9 g; protein 0 g; salt 0.02 g. Store in a cool place away from \
        light. Once opened keep refrigerated and drink within three days. Shake gently. Best before: see cap.

        "Have you seen a folded map?" asked Tove.
        "It is reflected in a puddle," said Mr Fielding against all advice. "Why?"
        "Because somebody changed the subject, since there was no other way."
        Mr Fielding looked at an owl and did not reply.

        Once upon a time a fox and a heron kept house together. The fox cooked in flat dishes, from which the heron \
        could not eat, and the heron in tall jars, which were too narrow for the fox. Both grew thin. At last they \
        bought a bowl, and the story, which could have had a moral, ended there.

        Breaking: the ferry between the two islands has been suspended until further notice after a cable of the \
        landing stage snapped during last night's storm. No one was hurt. Around 140 commuters were taken across by \
        fishing boats this morning; the operator says that a provisional stage could be in place by Friday.

        On 1 July 2003 Yusuf carried the piano upstairs in the northern suburbs, which surprised everybody. Ingrid \
        borrowed a tent slowly, which cost 40 euros more than planned. In the end all that was left was a clock, a \
        teapot and the memory of a giraffe.

        Weights and measures. A pint is a pound the world around, says the rhyme, and is wrong by a quarter in most \
        of it. A US pint of water weighs 1.04 pounds; an imperial pint, 1.25. An ounce of feathers and an ounce of \
        gold do not weigh the same: gold is weighed in troy ounces of 31.1 grams, feathers in avoirdupois ounces of \
        28.35. On the other hand a pound of feathers weighs more than a pound of gold, because the troy pound has \
        twelve ounces and not sixteen.

        A bank is a place that keeps your umbrella dry.

        Table 38: invoices in Muscat
        | region | level | quantity | email |
        |---|---|---|---|
        | 6 | garden hose | 138 | rust brown |
        | 9 | glass jar | 74.80 | red |
        | 18 | road sign | 258.56 | pink |

        She had learned three things on the first day at the harbour office: never sign a list without counting the \
        crates, never tell a captain the price before you have seen the papers, and always, always keep the window on \
        the quay side shut when the herring boats come in. The fourth thing she learned on the second day. It was \
        that the man with the grey cap, who sat on a bollard from morning to evening and seemed to do nothing at all, \
        knew more about the ships than everybody in the office put together.

        Three people share a taxi. The first leaves after 4 km, the second after 10 km, the third after 16 km, and \
        the whole ride costs 24 euros. How should they split it? One fair way is to divide each stretch among those \
        who still sit in the car. A kilometre costs 1.50. The first 4 km cost 6.00, shared by three: 2.00 each. The \
        next 6 km cost 9.00, shared by two: 4.50 each. The last 6 km cost 9.00, paid by one. So they pay 2.00, 6.50 \
        and 15.50, together 24.00.

        USER: Write a caption for this image.
        ASSISTANT: The picture shows a narrow kitchen in neon light. A parking meter stands to the left of the door, \
        and a bunch of tulips leans against the wall. In the background there is a seal.
        USER: How many people are there?
        ASSISTANT: Two women.

        The number zero came late. One can count sheep without it, and for two thousand years merchants did without \
        it on the abacus, where an empty column is simply empty. It is needed as soon as the columns are written \
        down: without a sign for the empty place, 27, 207 and 270 look alike. The Babylonians left a gap, later two \
        small wedges; the Maya drew a shell. In India the dot that marked an empty place became, between the fifth \
        and the seventh century, a number that one may add and subtract: Brahmagupta gives rules for it, all of them \
        right but the one for dividing by it. By way of Baghdad it came to Europe, where the bankers liked it and the \
        authorities did not. In Florence, in 1299, its use in account books was forbidden, since it is so easily \
        turned into a six or a nine.

        error[E0502]: cannot borrow `items` as mutable because it is also borrowed as immutable
          --> src/main.rs:14:9
           |
        12 |     let first = &items[0];
           |                  ----- immutable borrow occurs here
        13 |
        14 |     items.push(String::from("plum"));
           |     ^^^^^ mutable borrow occurs here
        15 |     println!("{first}");
           |               ----- immutable borrow later used here

        The vector may move its elements when it grows, and `first` would then point to memory that has been given \
        back. Clone the string, or push before you borrow.

        Мой брат забывает маленькую лодку в подвале. Капитан рисует зонтик не спеша. Соседка рисует старый ключ после \
        обеда.

        The lease runs for twelve months and renews itself by a further twelve unless either party gives notice in \
        writing at least sixty days before its end. The tenant keeps the rooms clean, reports damage without delay, \
        and does not sublet without consent. The landlord may enter after giving notice of 24 hours, and at any time \
        in an emergency. Small repairs up to 80.00 in each case, but not more than 250.00 a year, are paid by the \
        tenant.

        Trades that the old town register lists, with the street where each could be found: armourer, bellfounder, \
        bookbinder, brazier, chandler, cobbler, cooper, currier, cutler, draper, dyer, embosser, falconer, farrier, \
        fletcher, fuller, gilder, glazier, glover, haberdasher, harness-maker, hatter, joiner, lacemaker, locksmith, \
        lorimer, mason, mercer, milliner, nailer, parchmenter, pewterer, plasterer, potter, quarryman, ropewalker, \
        saddler, sawyer, scrivener, shearman, skinner, spurrier, tanner, thatcher, tinker, turner, upholsterer, \
        vintner, wainwright, weaver, wheelwright, whitesmith. Lorimers and spurriers shared a guildhall; nobody else \
        would sit beside them.

        Dear Benedikt,
        I am writing from Montréal, where Greta opened the envelope with great care. We live in a house of slate with \
        a striped scarf and five ducklings, although the letter had said otherwise. Please send chickpeas, cumin and \
        a plane before 16 February 1995.
        Yours, K.

        {"station": "North Pier", "elevation_m": 4, "readings": [{"time": "06:00", "wind_kn": 12.5, "gust_kn": 19, \
        "pressure_hpa": 1009.8}, {"time": "09:00", "wind_kn": 15.1, "gust_kn": 24, "pressure_hpa": 1008.2}], \
        "warnings": [], "operator": null}

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

        Replacing the cartridge. You need a pair of pliers, a chisel and a new cartridge (no. 662-B2). Switch off the \
        power. Remove the 2 screws of the cover, hold the nozzle with one hand, and pull the cartridge out at the \
        last minute. Check the nozzle for wear: a gap of more than 1.0 mm means that it must be changed too. Tighten \
        to 32 Nm.

        The moral sense, wrote an essayist of the last century but one, is like a taste for olives: a few are born \
        with it, most acquire it at other people's tables, and some only learn to say that they like them.

        The council of the mice has often been told as a fable against proposals that nobody can carry out. Who will \
        bell the cat? But consider the minutes. The proposal was accepted without a vote against it. The question who \
        was to carry it out was raised by an old mouse from the granary, whose own burrow lay, as is known, beyond \
        the reach of any cat; it was not answered; and the meeting broke up. What the fable does not say is that \
        eleven mice were taken in the following week, and that it was found easier, from then on, to discuss the \
        question of the chair.

        SELECT id, AVG(note) FROM orders
        WHERE quantity IS NOT NULL AND note > 257
        GROUP BY id ORDER BY 2 DESC LIMIT 24;
        -- 73068 rows, 2.703 s

        The whale is a mammal that went back to the sea. Some fifty million years ago its ancestors were animals of \
        the size of a wolf, with hooves, that waded in the shallow waters of a warm coast. Fossils show the steps: \
        nostrils that move up the skull and become the blowhole, hind legs that shrink until only two small bones are \
        left in the flesh, a tail that grows flukes. Whales still breathe air, still nurse their young, and, before \
        birth, still have hair. The way they swim gives them away too. A fish bends from side to side; a whale bends \
        up and down, as a galloping horse does.

        The goalkeeper had not touched the ball for half an hour when, in the 88th minute, she was suddenly the most \
        important person in the stadium. A long pass, a misjudged header, and the visitors' striker was alone in \
        front of her. She did not rush out. She took two steps, stood still, and made the striker choose. The shot \
        went to the left, low and hard, and so did she. The rebound was cleared, the counter-attack ended in a \
        corner, and from the corner came the only goal of the evening. "I guessed," she said later. "But I guessed \
        slowly."

        class Index:
            def __init__(self, polygon, size=14):
                self.polygon = polygon
                self.size = size

            def resolve(self):
                return {k: v / self.size for k, v in self.polygon.items() if v > 7}

        Inflation means that money buys less. If prices rise by 3 % a year, what costs 100 today will cost about 134 \
        in ten years, and 100 put under a mattress will then buy what 74 buys now. A rule of thumb: divide 70 by the \
        rate to get the number of years in which prices double.

        The word "robot" was first used on a stage. A play of 1920 needed a name for artificial workers, the author \
        asked his brother, who was painting and had a brush between his teeth, and the brother mumbled something made \
        from the Czech word for forced labour. The robots of the play are not machines of metal; they are grown in \
        vats, and look like people. What the play shares with most stories about robots that came after it is the \
        last act.

        LEIPZIG, 9 April 1903. After 8 years the museum has decided to replace the filter of the town hall by one of \
        tin. The cost is put at 74.4 million. "It was said that the instrument had been set to the wrong scale," the \
        librarian told us, "and nobody noticed until Monday."

        module Main where

        import qualified Data.Map.Strict as Map
        import Data.Char (isAlpha, toLower)

        frequencies :: String -> Map.Map String Int
        frequencies = Map.fromListWith (+) . map (\\w -> (w, 1)) . words . map clean
          where
            clean c
              | isAlpha c = toLower c
              | otherwise = ' '

        main :: IO ()
        main = interact $ unlines . map row . Map.toList . frequencies
          where row (w, n) = w ++ "\\t" ++ show n

        Never put off until tomorrow what can be delegated today.

        The man who says that nothing is impossible has not tried to fold a map.

        A friend is someone who knows the story and lets you tell it.

        There is no bad weather in retrospect.

        Half of wisdom is knowing when to go to bed; the other half is going.

        Of two explanations take the one that makes you look worse: it is usually shorter.

        Good fences make good neighbours; good ladders make better ones.

        Computers do what you say, which is how we found out what we had been saying.

        He had an open mind, and things kept falling out of it.

        A cold is the only possession that one can give away and keep.

        [07:07:05] debug layer-29: load skipped (0x7b2994aa, 225.2 ms)
        [07:13:24] warning channel-26: rotate done (0x4dab5771, 710.8 ms)
        [07:19:01] error request-9: merge took too long (0xa2b4ee94, 32.3 ms)
        [07:19:03] error sample-23: compare failed (0x90ceb51d, 278.2 ms)
        [07:23:05] info account-1: normalise took too long (0xfd4321dd, 294.2 ms)

        Patient reports intermittent pain in the left knee for six weeks, worse on stairs, no swelling, no trauma. \
        Range of motion full. Tenderness along the medial joint line. Plan: ice after exercise, quadriceps \
        strengthening twice a week, review in four weeks; imaging only if symptoms persist.

        Op een woensdag in november verdween de brug. Niet echt natuurlijk, maar de mist was zo dicht dat je haar \
        niet meer zag, en wie naar de overkant wilde moest op het geluid van zijn eigen voetstappen vertrouwen.

        **Spring** (noun). 1. In carpentry: the piece of plastic by which loaf of bread and paper boat are joined. 2. \
        Figuratively: whatever remains when the order of the steps makes no difference. First recorded in 1604. See \
        also: *valve*, *spirit level*.
        """
}
