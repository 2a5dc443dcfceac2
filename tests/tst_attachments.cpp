// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/builtstatebench.h"
#include "tests/samplepictures.h"

#include <QTest>

using namespace kirotray;

namespace {

ImagePart imageAt(const std::string &data, const std::string &path = "messages[0].content[0]")
{
    return {data, {}, path};
}

/// A PNG that says it is of this size, padded to `bytes`.
std::string pngOf(unsigned width, unsigned height, qsizetype bytes = 60)
{
    QByteArray file = QByteArray::fromBase64(QByteArray::fromStdString(samples::Png));
    for (int i = 0; i < 4; ++i) {
        file[16 + i] = char(width >> (24 - 8 * i));
        file[20 + i] = char(height >> (24 - 8 * i));
    }
    file.append(std::max<qsizetype>(0, bytes - file.size()), 'x');
    return file.toBase64().toStdString();
}

ChatRequest requestOf(const std::vector<Message> &messages)
{
    ChatRequest request;
    request.messages = messages;
    return request;
}

Message user(const std::vector<Part> &parts)
{
    return {Role::User, parts};
}

Message says(const std::string &text)
{
    return {Role::Assistant, {TextPart {text}}};
}

bool hasNote(const BuiltRequest &built, const std::string &words)
{
    return std::any_of(built.notes.begin(), built.notes.end(), [&words](const auto &note) {
        return note.what.find(words) != std::string::npos;
    });
}

} // namespace

class TstAttachments : public BuiltStateBench
{
    Q_OBJECT

private slots:
    void initTestCase() { loadTables(); }

    void anImageGoesWithItsMessage()
    {
        const auto state = built(requestOf(
            {user({TextPart {"What is it?"}, imageAt(samples::Png), imageAt(samples::Jpeg)})}));
        QVERIFY(state);
        const JsonValue message = current(*state);
        QCOMPARE(text(message["content"]), std::string("What is it?"));
        QCOMPARE(message["images"].size(), 2);
        const JsonValue first = *message["images"].begin();
        QCOMPARE(text(first["format"]), std::string("png"));
        QCOMPARE(text(first["source"]["bytes"]), samples::Png);
        QVERIFY(m_built.notes.empty());
        QVERIFY(!m_built.hasHistoryImages);
    }

    void anImageAloneGetsAFewWords()
    {
        const auto state = built(requestOf({user({imageAt(samples::Gif)})}));
        QVERIFY(state);
        QCOMPARE(text(current(*state)["content"]), std::string("(image attached)"));
    }

    void theImagesOfAToolGoBesideItsResult()
    {
        ToolResultPart result {"t1", "saved"};
        result.images = {imageAt(samples::WebP), imageAt(samples::Png)};
        ToolResultPart bare {"t2", ""};
        bare.images = {imageAt(samples::Png)};
        const auto state =
            built(requestOf({user({TextPart {"Draw"}}),
                             {Role::Assistant,
                              {ToolUsePart {"t1", "draw", "{}"}, ToolUsePart {"t2", "draw", "{}"}}},
                             user({result, bare})}));
        QVERIFY(state);
        const JsonValue message = current(*state);
        QCOMPARE(message["images"].size(), 3);
        const JsonValue results = message["userInputMessageContext"]["toolResults"];
        std::vector<std::string> texts;
        for (const JsonValue one : results)
            texts.push_back(text((*one["content"].begin())["text"]));
        QCOMPARE(texts,
                 (std::vector<std::string> {"saved\n(2 images attached)", "(image attached)"}));
        QVERIFY(hasNote(m_built, "attachments of 2 tool results"));
    }

    void base64IsTidied()
    {
        std::string broken = samples::Png;
        for (std::size_t at = 20; at < broken.size(); at += 21)
            broken.insert(at, "\n");
        const auto state = built(requestOf({user({imageAt(broken)})}));
        QVERIFY(state);
        const JsonValue image = *current(*state)["images"].begin();
        QCOMPARE(text(image["source"]["bytes"]), samples::Png);
        QVERIFY(hasNote(m_built, "tidied"));
    }

    void whatCannotBeSentIsAnErrorNow_data()
    {
        QTest::addColumn<std::string>("data");
        QTest::addColumn<QString>("what");
        QTest::addRow("no picture") << samples::Bmp << u"PNG, JPEG, GIF or WebP"_s;
        QTest::addRow("no base64") << std::string("%%%") << u"base64"_s;
        QTest::addRow("nothing") << std::string() << u"empty"_s;
        QTest::addRow("too wide") << pngOf(8001, 5) << u"8001 x 5 pixels; at most 8000"_s;
        QTest::addRow("too high") << pngOf(5, 100000) << u"5 x 100000 pixels; at most 8000"_s;
        QTest::addRow("too many bytes")
            << pngOf(5, 5, 3'932'161) << u"5242884 bytes of base64; at most 5242880"_s;
    }
    void whatCannotBeSentIsAnErrorNow()
    {
        QFETCH(std::string, data);
        QFETCH(QString, what);
        const auto result = buildRequest(
            requestOf({user({TextPart {"Look"}, imageAt(data, "messages[0].content[1]")})}), {},
            *m_tables);
        QVERIFY(!result);
        QCOMPARE(result.error().code, Error::Code::BadInput);
        QCOMPARE(result.error().path, u"messages[0].content[1]"_s);
        QVERIFY2(result.error().what.contains(what), qPrintable(result.error().what));
    }

    void andLeftOutLater_data() { whatCannotBeSentIsAnErrorNow_data(); }
    void andLeftOutLater()
    {
        QFETCH(std::string, data);
        const auto state =
            built(requestOf({user({imageAt(data)}), says("No"), user({TextPart {"More"}})}));
        QVERIFY(state);
        const JsonValue first = (*state->root()["history"].begin())["userInputMessage"];
        QVERIFY(first["images"].isMissing());
        QVERIFY(text(first["content"]).find("was left out)") != std::string::npos);
        QVERIFY(hasNote(m_built, "left out"));
    }

    void theLargestThatMayBeIsSent()
    {
        const auto state = built(requestOf({user({imageAt(pngOf(8000, 8000, 3'932'160))})}));
        QVERIFY(state);
        QCOMPARE(current(*state)["images"].size(), 1);
        QVERIFY(m_built.notes.empty());
    }

    void aScalerMakesItFit()
    {
        m_options.imageScaler = [](std::string_view file, int side, qsizetype bytes) {
            Q_ASSERT(file.size() > 50 && side == limits::ScaledImageSide && bytes == 3'932'160);
            return QByteArray::fromBase64(QByteArray::fromStdString(samples::Jpeg)).toStdString();
        };
        const auto state = built(requestOf({user({imageAt(pngOf(9000, 10))})}));
        QVERIFY(state);
        const JsonValue image = *current(*state)["images"].begin();
        QCOMPARE(text(image["format"]), std::string("jpeg"));
        QCOMPARE(text(image["source"]["bytes"]), samples::Jpeg);
        QVERIFY(hasNote(m_built, "9000 x 10 pixels scaled to 3 x 2"));
    }

    void aScalerThatFailsIsAnError()
    {
        for (const std::string &made : {std::string(), std::string("rubbish"),
                                        fileOf(pngOf(8001, 1)), fileOf(pngOf(1, 1, 3'932'161))}) {
            m_options.imageScaler = [&made](std::string_view, int, qsizetype) { return made; };
            const auto result =
                buildRequest(requestOf({user({imageAt(pngOf(9000, 10))})}), m_options, *m_tables);
            QVERIFY(!result);
            QVERIFY(result.error().what.contains("could not be scaled"_L1));
        }
        m_options.imageScaler = {};
    }

    void theOldestOfTooManyGo()
    {
        const std::vector<Part> four(4, imageAt(samples::Png));
        std::vector<Message> messages;
        for (int i = 0; i < 3; ++i) {
            messages.push_back(user(four));
            messages.push_back(says("Nice"));
        }
        messages.push_back(user({imageAt(samples::Gif), TextPart {"And this?"}}));
        const auto state = built(requestOf(messages));
        QVERIFY(state);
        std::vector<int> counts;
        for (const JsonValue entry : state->root()["history"])
            if (!entry["userInputMessage"].isMissing())
                counts.push_back(entry["userInputMessage"]["images"].size());
        QCOMPARE(counts, (std::vector<int> {1, 4, 4}));
        QCOMPARE(current(*state)["images"].size(), 1);
        const JsonValue oldest = (*state->root()["history"].begin())["userInputMessage"];
        QCOMPARE(text(oldest["content"]), std::string("(3 images were left out)"));
        QVERIFY(hasNote(m_built, "3 image(s) of earlier messages left out: too many"));
        QVERIFY(m_built.hasHistoryImages);
    }

    void tooManyAtOnceIsAnError()
    {
        std::vector<Part> parts;
        for (int i = 0; i < 11; ++i)
            parts.emplace_back(imageAt(samples::Png, "images[" + std::to_string(i) + ']'));
        const auto result = buildRequest(requestOf({user(parts)}), {}, *m_tables);
        QVERIFY(!result);
        QCOMPARE(result.error().path, u"images[10]"_s);
        QVERIFY(result.error().what.contains("at most 10"_L1));
    }

    void aRemoteImageIsRefused()
    {
        ImagePart remote;
        remote.url = "https://example.com/a.png";
        remote.path = "messages[0].content[0].image_url";
        const auto result = buildRequest(requestOf({user({remote})}), {}, *m_tables);
        QVERIFY(!result);
        QCOMPARE(result.error().path, QString::fromStdString(remote.path));
        QVERIFY(result.error().what.startsWith("remote images are not fetched"_L1));
    }

    void aRetryMayLeaveOutTheImagesOfTheHistory()
    {
        m_options.keepHistoryImages = false;
        const auto state = built(requestOf({user({TextPart {"One"}, imageAt(samples::Png)}),
                                            says("Yes"), user({imageAt(samples::Jpeg)})}));
        m_options.keepHistoryImages = true;
        QVERIFY(state);
        const JsonValue first = (*state->root()["history"].begin())["userInputMessage"];
        QVERIFY(first["images"].isMissing());
        QCOMPARE(text(first["content"]), std::string("One\n\n(an image was left out)"));
        QCOMPARE(current(*state)["images"].size(), 1);
        QVERIFY(!m_built.hasHistoryImages);
    }

    void aModelWithoutEyesTakesNone()
    {
        m_options.modelId = u"glm-5"_s;
        m_options.model = std::make_shared<KiroModel>(*findModel(*m_tables, u"glm-5"_s));
        const auto result =
            buildRequest(requestOf({user({imageAt(samples::Png)})}), m_options, *m_tables);
        QVERIFY(!result);
        QCOMPARE(result.error().what, u"the model glm-5 takes no images"_s);
        const auto state = built(
            requestOf({user({imageAt(samples::Png)}), says("Yes"), user({TextPart {"More"}})}));
        m_options = {};
        QVERIFY(state);
        QVERIFY(m_built.conversationState.find("\"images\"") == std::string::npos);
        QVERIFY(hasNote(m_built, "the model takes none"));
    }

    void documentsKeepTheirFormat_data()
    {
        QTest::addColumn<std::string>("type");
        QTest::addColumn<std::string>("name");
        QTest::addColumn<std::string>("sent"); // name and format
        const auto row = [](const char *type, const char *name, const char *sent) {
            QTest::addRow("%s %s", type, name)
                << std::string(type) << std::string(name) << std::string(sent);
        };
        row("application/pdf", "report.pdf", "report pdf");
        row("Application/PDF; x=y", "", "document pdf");
        row("text/csv", "a  b.csv", "a b csv");
        row("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "x.docx",
            "x docx");
        row("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "x.xls",
            "x-xls xlsx");
        row("application/msword", "\xE6\x8A\xA5\xE5\x91\x8A", "document doc");
        row("application/vnd.ms-excel", "a/b:c", "a-b-c xls");
        row("text/html", "(1) [x]-y", "(1) [x]-y html");
        row("text/plain", "notes.txt", "notes txt");
        row("text/markdown", "README.md", "README md");
        row("application/octet-stream", "x.PDF", "x pdf");
        row("", "data.xlsx", "data xlsx");
    }
    void documentsKeepTheirFormat()
    {
        QFETCH(std::string, type);
        QFETCH(std::string, name);
        QFETCH(std::string, sent);
        const auto state = built(requestOf({user({DocumentPart {name, type, "AAAA", "p"}})}));
        QVERIFY(state);
        const JsonValue message = current(*state);
        QCOMPARE(text(message["content"]), std::string("(document attached)"));
        const JsonValue document = *message["documents"].begin();
        QCOMPARE(text(document["name"]) + ' ' + text(document["format"]), sent);
        QCOMPARE(text(document["source"]["bytes"]), std::string("AAAA"));
    }

    void namesOfDocumentsDiffer()
    {
        const DocumentPart same {"a", "application/pdf", "AAAA", "p"};
        const DocumentPart longName {std::string(300, 'n'), "application/pdf", "AAAA", "p"};
        const auto state =
            built(requestOf({user({same, same}), says("Yes"), user({same, longName, longName})}));
        QVERIFY(state);
        std::vector<std::string> names;
        const JsonValue first = (*state->root()["history"].begin())["userInputMessage"];
        for (const JsonValue message : {first, current(*state)})
            for (const JsonValue document : message["documents"])
                names.push_back(text(document["name"]));
        QCOMPARE(names,
                 (std::vector<std::string> {"a", "a (2)", "a (3)", std::string(200, 'n'),
                                            std::string(196, 'n') + " (2)"}));
    }

    void aDocumentThatCannotBeSentIsAnError_data()
    {
        QTest::addColumn<std::string>("type");
        QTest::addColumn<std::string>("data");
        QTest::addColumn<QString>("what");
        QTest::addRow("type") << std::string("application/zip") << std::string("AAAA")
                              << u"type 'application/zip'"_s;
        QTest::addRow("no type") << std::string() << std::string("AAAA") << u"type ''"_s;
        QTest::addRow("no base64") << std::string("text/csv") << std::string("?") << u"base64"_s;
        QTest::addRow("too large") << std::string("application/pdf") << std::string(6'291'460, 'A')
                                   << u"6291460 bytes of base64; at most 6291456"_s;
    }
    void aDocumentThatCannotBeSentIsAnError()
    {
        QFETCH(std::string, type);
        QFETCH(std::string, data);
        QFETCH(QString, what);
        const DocumentPart document {"x", type, data, "messages[2].content[0]"};
        const auto result = buildRequest(requestOf({user({document})}), {}, *m_tables);
        QVERIFY(!result);
        QCOMPARE(result.error().path, u"messages[2].content[0]"_s);
        QVERIFY2(result.error().what.contains(what), qPrintable(result.error().what));
        const auto state =
            built(requestOf({user({document}), says("No"), user({TextPart {"More"}})}));
        QVERIFY(state);
        const JsonValue first = (*state->root()["history"].begin())["userInputMessage"];
        QCOMPARE(text(first["content"]), std::string("(a document was left out)"));
        QVERIFY(hasNote(m_built, "document(s) of earlier messages left out"));
    }

    void theOldestDocumentsGoFirst()
    {
        const std::vector<Part> three(3, DocumentPart {"a", "text/csv", "AAAA", "p"});
        const auto state = built(requestOf({user(three), says("Yes"), user(three)}));
        QVERIFY(state);
        QCOMPARE(current(*state)["documents"].size(), 3);
        const JsonValue first = (*state->root()["history"].begin())["userInputMessage"];
        QCOMPARE(first["documents"].size(), 2);
        const std::vector<Part> six(6, DocumentPart {"a", "text/csv", "AAAA", "p"});
        QVERIFY(!buildRequest(requestOf({user(six)}), {}, *m_tables));
    }

private:
    static JsonValue current(const JsonDocument &state)
    {
        return state.root()["currentMessage"]["userInputMessage"];
    }

    static std::string text(const JsonValue &value) { return std::string(value.string()); }

    static std::string fileOf(const std::string &base64)
    {
        return QByteArray::fromBase64(QByteArray::fromStdString(base64)).toStdString();
    }
};

QTEST_APPLESS_MAIN(TstAttachments)
#include "tst_attachments.moc"
