import ByteIO
import Foundation
import MobileVLM
import ModelSupport
import Testing
import TestSupport
import Tokenizer

struct ConversationTests {
    private static let system =
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
        + "detailed, and polite answers to the user's questions."

    @Test("a prompt is the v1 template's string to the letter")
    func prompt() {
        #expect(
            Conversation.v1.prompt("Who?", images: 0).text == Self.system + " USER: Who? ASSISTANT:")
        #expect(
            Conversation.v1.prompt("Who is the author?", images: 1).text
                == Self.system + " USER: <image>\nWho is the author? ASSISTANT:")
        #expect(
            Conversation.v1Marked.prompt("Which differs?", images: 2).text
                == Self.system
                + " USER: <im_start><image><im_end>\n<im_start><image><im_end>\nWhich differs? ASSISTANT:")
        #expect(
            Conversation.v1.prompt("Which differs?", images: 2).text
                == Self.system + " USER: <image>\n<image>\nWhich differs? ASSISTANT:")
    }

    /// The template of the reference, S standing for the system text with its apostrophe escaped.
    @Test("the Jinja template is the one that was tried in llama.cpp")
    func jinja() {
        let reference = """
            {%- if messages[0]['role'] == 'system' -%}{%- set sys = messages[0]['content'] -%}{%- set rest = messages[1:] -%}\
            {%- else -%}{%- set sys = 'S' -%}{%- set rest = messages -%}{%- endif -%}{{- sys + ' ' -}}\
            {%- for m in rest -%}{%- if m['role'] == 'user' -%}{{- 'USER: ' + m['content'] + ' ' -}}\
            {%- elif m['role'] == 'assistant' -%}{{- 'ASSISTANT: ' + m['content'] + '</s>' -}}{%- endif -%}{%- endfor -%}\
            {%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}
            """
        let text = Self.system.replacingOccurrences(of: "'", with: "\\'")
        #expect(ConversationV1.jinja == reference.replacingOccurrences(of: "'S'", with: "'\(text)'"))
    }

    @Test(
        "Jinja renders it to the v1 strings of one turn, of two, and with another system text", .enabled(if: hasJinja))
    func rendered() throws {
        let conversations: [([[String: String]], String)] = [
            ([["role": "user", "content": "<image>\nWho?"]], Conversation.v1.prompt("Who?", images: 1).text),
            (
                [
                    ["role": "user", "content": "One?"], ["role": "assistant", "content": "Yes."],
                    ["role": "user", "content": "Two?"],
                ],
                Self.system + " USER: One? ASSISTANT: Yes.</s>USER: Two? ASSISTANT:"
            ),
            (
                [["role": "system", "content": "Be short."], ["role": "user", "content": "Who?"]],
                "Be short. USER: Who? ASSISTANT:"
            ),
        ]
        for (messages, expected) in conversations {
            let input = try JSONSerialization.data(withJSONObject: [
                "template": ConversationV1.jinja, "messages": messages,
            ])
            let script =
                "import json,sys,jinja2; i=json.load(sys.stdin); sys.stdout.write("
                + "jinja2.Template(i['template']).render(messages=i['messages'], add_generation_prompt=True))"
            #expect(try python(script, input: input) == expected)
        }
    }

    // MARK: Token ids

    private func tokenizer(_ path: String) throws -> TextTokenizer {
        let bytes = Bytes(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        return TextTokenizer(vocabulary: try Vocabulary(sentencePieceModel: bytes, file: path))
    }

    @Test("the text is cut at each picture, each part encoded with a space of its own in front, BOS once")
    func pictures() throws {
        let tokenizer = try tokenizer(Fixtures.path("tokenizer/plain.model"))
        let bos = try #require(tokenizer.vocabulary.bos)
        func ids(_ prompt: String) -> [Int] { Prompt(text: prompt).tokens(tokenizer).ids }
        let image = [-200]
        #expect(ids("a<image>\nb") == [bos] + tokenizer.encode("a") + image + tokenizer.encode("\nb"))
        #expect(ids("<image>") == [bos] + image)
        #expect(ids("<image><image>x") == [bos] + image + image + tokenizer.encode("x"))
        #expect(ids("") == [bos])
        #expect(ids("<imag>") == [bos] + tokenizer.encode("<imag>"))
    }

    @Test("ids with -200 in the places of pictures are the same prompt, and a question's own text is never a place")
    func places() throws {
        let tokenizer = try tokenizer(Fixtures.path("tokenizer/plain.model"))
        let prompt = Prompt(text: "a<image>\nb<image>")
        #expect(prompt.parts == [.text("a"), .picture, .text("\nb"), .picture, .text("")])
        #expect(prompt.text == "a<image>\nb<image>" && prompt.pictureCount == 2)
        let tokens = prompt.tokens(tokenizer)
        #expect(TokenPrompt(ids: tokens.ids) == tokens && tokens.pictureCount == 2)
        #expect(Conversation.v1.prompt("What is <image>?", images: 1).tokens(tokenizer).pictureCount == 1)
    }

    private struct Prompts: Decodable {
        struct Prompt: Decodable {
            let prompt: String
            let ids: [Int]
        }
        let image_token: Int
        let prompts: [Prompt]
    }

    @Test("prompts with pictures have the ids of upstream's tokenizer_image_token", .enabled(if: Fixtures.hasGolden))
    func golden() throws {
        let path = try #require(Fixtures.golden("tokenizer/image-prompts.json"))
        let golden = try JSONDecoder().decode(Prompts.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(golden.image_token == ConversationV1.imageToken)
        #expect(golden.prompts.count >= 5)
        let tokenizer = try tokenizer(#require(Fixtures.golden("mini-v2/model/tokenizer.model")))
        for prompt in golden.prompts {
            #expect(
                Prompt(text: prompt.prompt).tokens(tokenizer, legacy: false).ids == prompt.ids,
                "\(prompt.prompt)")
        }
    }

    /// By LLaMA's ids, as measured in upstream's code.
    @Test("around a picture stand 29901 29871 and 29871 13", .enabled(if: Fixtures.hasGolden))
    func around() throws {
        let tokenizer = try tokenizer(#require(Fixtures.golden("mini-v2/model/tokenizer.model")))
        let ids = Conversation.v1.prompt("Who is", images: 1).tokens(tokenizer).ids
        let place = try #require(ids.firstIndex(of: -200))
        #expect(Array(ids[place - 4..<place]) == [3148, 1001, 29901, 29871])
        #expect(Array(ids[place + 1..<place + 5]) == [29871, 13, 22110, 338])
    }
}

/// Runs a line of Python with `input` on its standard input.
private func python(_ script: String, input: Data = Data()) throws -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = FileHandle.nullDevice
    try process.run()
    stdin.fileHandleForWriting.write(input)
    try stdin.fileHandleForWriting.close()
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
}

private let hasJinja = (try? python("import jinja2")) == .some(.some(""))
