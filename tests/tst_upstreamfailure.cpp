// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/kiro/upstreamfailure.h"

#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

using Kind = ChatError::Kind;
using Action = KiroAction;
using Effect = AccountEffect;

QByteArray reasonBody(const char *reason, const char *message = "m")
{
    return QByteArray("{\"message\":\"") + message + "\",\"reason\":\"" + reason + "\"}";
}

QByteArray messageBody(const char *message)
{
    return QByteArray("{\"message\":\"") + message + "\",\"reason\":null}";
}

} // namespace

class TstUpstreamFailure : public QObject
{
    Q_OBJECT

    KiroTablesPtr m_tables;

private slots:
    void initTestCase();
    void readsRefusals_data();
    void readsRefusals();
    void keepsTwoHundredCharactersOfTheMessage();
    void readsRetryAfter_data();
    void readsRetryAfter();
    void reactsByTheTable_data();
    void reactsByTheTable();
    void reactsInsideAStream_data();
    void reactsInsideAStream();
    void takesTheFirstRowThatMatches_data();
    void takesTheFirstRowThatMatches();
    void orderOfTheBuiltInRows();
    void tellsTheClientWhy();
    void tellsTheClientWhenToComeBack();
    void neverBlamesTheAccountForTheNetwork_data();
    void neverBlamesTheAccountForTheNetwork();
};

void TstUpstreamFailure::initTestCase()
{
    const KiroTablesLoad load = loadKiroTables(QString());
    QVERIFY(load.problems.empty());
    m_tables = load.tables;
    QVERIFY(m_tables);
    QVERIFY(!m_tables->reactions.empty());
}

void TstUpstreamFailure::readsRefusals_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("typeHeader");
    QTest::addColumn<QString>("errorClass");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("message");
    const auto add = [](const char *name, const char *body, const char *header,
                        const QString &errorClass, const QString &reason, const QString &message) {
        QTest::addRow("%s", name) << QByteArray(body) << QByteArray(header) << errorClass << reason
                                  << message;
    };
    add("class with namespace", R"({"__type":"com.amazon.x#ThrottlingException","message":"m"})",
        "", u"ThrottlingException"_s, {}, u"m"_s);
    add("class with an address behind it", R"({"__type":"a#FooException:http://x/"})", "",
        u"FooException"_s, {}, {});
    add("reason", R"({"message":"m","reason":"PROMPT_TOO_LONG"})", "", {}, u"PROMPT_TOO_LONG"_s,
        u"m"_s);
    add("reason null", R"({"message":"Improperly formed request.","reason":null})", "", {}, {},
        u"Improperly formed request."_s);
    add("Message with a capital", R"({"Message":"m"})", "", {}, {}, u"m"_s);
    add("nested error", R"({"error":{"reason":"R","message":"m","__type":"x#C"}})", "", u"C"_s,
        u"R"_s, u"m"_s);
    add("the outer level comes first", R"({"message":"out","error":{"message":"in"}})", "", {}, {},
        u"out"_s);
    add("OAuth", R"({"error":"invalid_grant","error_description":"expired"})", "", {},
        u"invalid_grant"_s, u"expired"_s);
    add("class from the header", R"({"message":"m"})", "AccessDeniedException:http://x/",
        u"AccessDeniedException"_s, {}, u"m"_s);
    add("class from the body comes first", R"({"__type":"A"})", "B", u"A"_s, {}, {});
    add("plain text", "  upstream connect error\n", "", {}, {}, u"upstream connect error"_s);
    add("a page", "<html>503</html>", "", {}, {}, u"<html>503</html>"_s);
    add("nothing", "", "", {}, {}, {});
    add("JSON that is no object", "[1]", "", {}, {}, u"[1]"_s);
    add("fields of other types", R"({"message":5,"reason":{},"__type":[],"error":7})", "", {}, {},
        {});
}

void TstUpstreamFailure::readsRefusals()
{
    QFETCH(const QByteArray, body);
    QFETCH(const QByteArray, typeHeader);
    const UpstreamRefusal refusal = parseRefusal(400, body, typeHeader, {});
    QCOMPARE(refusal.status, 400);
    QTEST(refusal.errorClass, "errorClass");
    QTEST(refusal.reason, "reason");
    QTEST(refusal.message, "message");
    QVERIFY(!refusal.retryAfter);
}

void TstUpstreamFailure::keepsTwoHundredCharactersOfTheMessage()
{
    const QString letters(200, u'k');
    QCOMPARE(parseRefusal(500, letters.toUtf8(), {}, {}).message, letters);
    QCOMPARE(parseRefusal(500, letters.toUtf8() + "k", {}, {}).message, letters);
    QCOMPARE(parseRefusal(500, "{\"message\":\"" + letters.toUtf8() + "k\"}", {}, {}).message,
             letters);
    // 😀 takes two of them: it is left out rather than halved.
    const QString shorter(199, u'k');
    QCOMPARE(parseRefusal(500, shorter.toUtf8() + "😀", {}, {}).message, shorter);
    QCOMPARE(parseRefusal(500, QString(500, u'你').toUtf8(), {}, {}).message, QString(200, u'你'));
}

void TstUpstreamFailure::readsRetryAfter_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<qint64>("seconds"); // -1: none
    QTest::addRow("seconds") << QByteArray("17") << qint64(17);
    QTest::addRow("seconds with space") << QByteArray(" 17 ") << qint64(17);
    QTest::addRow("zero") << QByteArray("0") << qint64(0);
    QTest::addRow("negative") << QByteArray("-5") << qint64(0);
    QTest::addRow("far too long") << QByteArray("99999999999")
                                  << qint64(std::chrono::seconds(limits::MaxRetryAfter).count());
    QTest::addRow("a date that is over")
        << QByteArray("Wed, 21 Oct 2015 07:28:00 GMT") << qint64(0);
    QTest::addRow("a date far away") << QByteArray("Tue, 31 Dec 2999 23:59:59 GMT")
                                     << qint64(std::chrono::seconds(limits::MaxRetryAfter).count());
    QTest::addRow("nonsense") << QByteArray("soon") << qint64(-1);
    QTest::addRow("absent") << QByteArray() << qint64(-1);
}

void TstUpstreamFailure::readsRetryAfter()
{
    QFETCH(const QByteArray, header);
    QFETCH(const qint64, seconds);
    const auto retryAfter = parseRefusal(429, {}, {}, header).retryAfter;
    QCOMPARE(retryAfter ? qint64(retryAfter->count()) : qint64(-1), seconds);
}

void TstUpstreamFailure::reactsByTheTable_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<Action>("action");
    QTest::addColumn<Effect>("effect");
    QTest::addColumn<Kind>("kind");
    int row = 0;
    const auto add = [&row](int status, const QByteArray &body, Action action, Effect effect,
                            Kind kind) {
        QTest::addRow("%d: %d %s", ++row, status, body.constData())
            << status << body << action << effect << kind;
    };

    // The rows of §3.2, one after the other.
    const char *const improper = "Improperly formed request.";
    add(400, messageBody(improper), Action::RetryStrictSchema, Effect::None, Kind::InvalidRequest);
    for (const char *reason : {"REQUEST_BODY_INVALID", "REQUEST_BODY_INVALID_JSON"})
        add(400, reasonBody(reason, improper), Action::RetryStrictSchema, Effect::None,
            Kind::InvalidRequest);
    for (const char *reason : {"CONTENT_LENGTH_EXCEEDS_THRESHOLD", "PROMPT_TOO_LONG"})
        add(400, reasonBody(reason), Action::Fail, Effect::None, Kind::ContextLengthExceeded);
    for (const char *message : {"Input is too long.", "Input content length exceeds threshold.",
                                "Failed to buffer the request body: length limit exceeded"})
        add(400, messageBody(message), Action::Fail, Effect::None, Kind::ContextLengthExceeded);
    add(413, "Failed to buffer the request body: length limit exceeded", Action::Fail, Effect::None,
        Kind::ContextLengthExceeded);
    add(413, {}, Action::Fail, Effect::None, Kind::RequestTooLarge);
    add(400, reasonBody("INVALID_MODEL_ID"), Action::Fail, Effect::None, Kind::NotFound);
    add(400, messageBody("Invalid model. Please select a different model to continue."),
        Action::Fail, Effect::None, Kind::NotFound);
    add(400, reasonBody("THINKING_SIGNATURE_INVALID"), Action::RetryWithoutThinking, Effect::None,
        Kind::InvalidRequest);
    add(400, reasonBody("TOOL_SCHEMA_INVALID"), Action::RetryStrictSchema, Effect::None,
        Kind::InvalidRequest);
    for (const char *reason : {"TOOL_DUPLICATE", "TOOL_USE_RESULT_MISMATCH", "TOOL_CONFIG_MISSING",
                               "DOCUMENT_COUNT_EXCEEDED", "DOCUMENT_MODEL_NOT_SUPPORTED"})
        add(400, reasonBody(reason), Action::Fail, Effect::None, Kind::InvalidRequest);
    for (const char *reason :
         {"IMAGE_COUNT_EXCEEDED", "IMAGE_DIMENSION_EXCEEDED", "IMAGE_FORMAT_UNSUPPORTED",
          "IMAGE_MIME_MISMATCH", "IMAGE_SIZE_EXCEEDED"})
        add(400, reasonBody(reason), Action::RetryWithoutImages, Effect::None,
            Kind::InvalidRequest);
    add(400, messageBody("profileArn is required for this request."), Action::RetryWithProfile,
        Effect::None, Kind::InvalidRequest);
    const char *const noFields = "additionalModelRequestFields is not supported for this model";
    add(400, messageBody(noFields), Action::RetryWithoutModelFields, Effect::None,
        Kind::InvalidRequest);
    add(400, reasonBody("REQUEST_BODY_INVALID", noFields), Action::RetryWithoutModelFields,
        Effect::None, Kind::InvalidRequest);
    add(401, {}, Action::RefreshOnce, Effect::AuthProblem, Kind::Authentication);
    for (const char *message :
         {"The bearer token included in the request is invalid.", "Invalid token"})
        add(403, messageBody(message), Action::RefreshOnce, Effect::AuthProblem,
            Kind::Authentication);
    add(400, R"({"__type":"x#ExpiredToken"})", Action::RefreshOnce, Effect::AuthProblem,
        Kind::Authentication);
    add(403, messageBody("User is not authorized to make this call."), Action::RetryWithoutProfile,
        Effect::None, Kind::Permission);
    add(403, R"({"__type":"AccessDeniedException"})", Action::RetryWithoutProfile, Effect::None,
        Kind::Permission);
    add(403, reasonBody("TEMPORARILY_SUSPENDED"), Action::Fail, Effect::Suspended,
        Kind::Permission);
    add(403, messageBody("Your User ID (1) temporarily is suspended."), Action::Fail,
        Effect::Suspended, Kind::Permission);
    add(423, {}, Action::Fail, Effect::Suspended, Kind::Permission);
    add(400, R"({"__type":"AccountSuspendedException"})", Action::Fail, Effect::Suspended,
        Kind::Permission);
    add(403, reasonBody("FEATURE_NOT_SUPPORTED"), Action::Fail, Effect::None, Kind::Permission);
    add(402, {}, Action::Fail, Effect::MonthlyExhausted, Kind::QuotaExhausted);
    for (const int status : {400, 402, 429})
        add(status, reasonBody("MONTHLY_REQUEST_COUNT"), Action::Fail, Effect::MonthlyExhausted,
            Kind::QuotaExhausted);
    add(402, reasonBody("OVERAGE_REQUEST_LIMIT_EXCEEDED"), Action::Fail, Effect::MonthlyExhausted,
        Kind::QuotaExhausted);
    add(402, reasonBody("CONVERSATION_LIMIT_EXCEEDED"), Action::RetryNewConversation, Effect::None,
        Kind::InvalidRequest);
    add(429, reasonBody("DAILY_REQUEST_COUNT"), Action::Fail, Effect::DailyExhausted,
        Kind::RateLimited);
    add(429, reasonBody("INSUFFICIENT_MODEL_CAPACITY"), Action::RetryBackoff, Effect::None,
        Kind::Overloaded);
    add(500, reasonBody("MODEL_TEMPORARILY_UNAVAILABLE"), Action::RetryBackoff, Effect::None,
        Kind::Overloaded);
    add(500, messageBody("Encountered unexpectedly high load when processing the request"),
        Action::RetryBackoff, Effect::None, Kind::Overloaded);
    for (const char *reason : {"USER_REQUEST_RATE_EXCEEDED", "SERVICE_REQUEST_RATE_EXCEEDED",
                               "CREDIT_CONSUMPTION_RATE_EXCEEDED"})
        add(429, reasonBody(reason), Action::Fail, Effect::CoolDown, Kind::RateLimited);
    add(429, messageBody("Due to suspicious activity, we are imposing temporary limits"),
        Action::Fail, Effect::CoolDown, Kind::RateLimited);
    add(408, {}, Action::RetryBackoff, Effect::None, Kind::Timeout);
    add(429, messageBody("Too many requests, please wait before trying again."),
        Action::RetryBackoff, Effect::None, Kind::Upstream);
    add(500, messageBody("oops"), Action::RetryBackoff, Effect::None, Kind::Upstream);
    add(503, "<html>Service Unavailable</html>", Action::RetryBackoff, Effect::None,
        Kind::Upstream);
    add(599, {}, Action::RetryBackoff, Effect::None, Kind::Upstream);
    add(409, reasonBody("CUSTOMER_KMS_KEY_DISABLED"), Action::Fail, Effect::AuthProblem,
        Kind::Permission);
    add(409, messageBody("The KMS key is gone"), Action::Fail, Effect::AuthProblem,
        Kind::Permission);

    // Not in that table.
    add(400, messageBody("something else"), Action::Fail, Effect::None, Kind::InvalidRequest);
    add(404, {}, Action::RetryNextHost, Effect::None, Kind::Upstream);
    add(307, {}, Action::RetryNextHost, Effect::None, Kind::Upstream);
    add(418, {}, Action::Fail, Effect::None, Kind::Upstream);
    add(400, R"({"__type":"ThrottlingException"})", Action::RetryBackoff, Effect::None,
        Kind::Upstream);
}

void TstUpstreamFailure::reactsByTheTable()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    const UpstreamFailure failure = classify(*m_tables, parseRefusal(status, body, {}, {}));
    QTEST(failure.action, "action");
    QTEST(failure.effect, "effect");
    QTEST(failure.error.kind, "kind");
    QVERIFY(!failure.error.message.empty());
    QCOMPARE(failure.refusal.status, status);
    QCOMPARE(failure.coolDown > 0s, failure.effect == Effect::CoolDown);
}

void TstUpstreamFailure::reactsInsideAStream_data()
{
    QTest::addColumn<QString>("errorClass");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("message");
    QTest::addColumn<Action>("action");
    QTest::addColumn<Effect>("effect");
    QTest::addColumn<Kind>("kind");
    const auto add = [](const char *errorClass, const char *reason, const char *message,
                        Action action, Effect effect, Kind kind) {
        QTest::addRow("%s %s %s", errorClass, reason, message)
            << QString::fromLatin1(errorClass) << QString::fromLatin1(reason)
            << QString::fromLatin1(message) << action << effect << kind;
    };
    add("ThrottlingException", "INSUFFICIENT_MODEL_CAPACITY", "", Action::RetryBackoff,
        Effect::None, Kind::Overloaded);
    add("ThrottlingException", "", "", Action::RetryBackoff, Effect::None, Kind::Upstream);
    add("ThrottlingException", "", "suspicious activity", Action::Fail, Effect::CoolDown,
        Kind::RateLimited);
    add("ValidationException", "", "Improperly formed request.", Action::RetryStrictSchema,
        Effect::None, Kind::InvalidRequest);
    add("ValidationException", "", "Input is too long.", Action::Fail, Effect::None,
        Kind::ContextLengthExceeded);
    add("ValidationException", "", "", Action::Fail, Effect::None, Kind::InvalidRequest);
    add("AccessDeniedException", "", "Invalid token", Action::RefreshOnce, Effect::AuthProblem,
        Kind::Authentication);
    add("ServiceQuotaExceededException", "", "", Action::Fail, Effect::MonthlyExhausted,
        Kind::QuotaExhausted);
    add("InternalServerException", "", "", Action::RetryBackoff, Effect::None, Kind::Upstream);
    add("ServiceUnavailableException", "", "", Action::RetryBackoff, Effect::None, Kind::Upstream);
    add("InternalFailure", "", "", Action::RetryBackoff, Effect::None, Kind::Upstream);
    add("ServiceUnavailable", "", "", Action::RetryBackoff, Effect::None, Kind::Upstream);
    add("SomethingNew", "", "unexpectedly high load", Action::RetryBackoff, Effect::None,
        Kind::Overloaded);
    add("SomethingNew", "", "", Action::Fail, Effect::None, Kind::Upstream);
    add("invalidStateEvent", "INVALID_TASK_ASSIST_PLAN", "bad state", Action::Fail, Effect::None,
        Kind::Upstream);
}

void TstUpstreamFailure::reactsInsideAStream()
{
    QFETCH(const QString, errorClass);
    QFETCH(const QString, reason);
    QFETCH(const QString, message);
    const UpstreamFailure failure = classify(*m_tables, {0, errorClass, reason, message, {}});
    QTEST(failure.action, "action");
    QTEST(failure.effect, "effect");
    QTEST(failure.error.kind, "kind");
}

void TstUpstreamFailure::takesTheFirstRowThatMatches_data()
{
    QTest::addColumn<UpstreamRefusal>("refusal");
    QTest::addColumn<QString>("row");
    QTest::addRow("reason") << UpstreamRefusal {429, u"C"_s, u"R"_s, u"the text"_s, {}}
                            << u"by reason"_s;
    QTest::addRow("class") << UpstreamRefusal {429, u"C"_s, u"r"_s, u"the text"_s, {}}
                           << u"by class"_s;
    QTest::addRow("class and status")
        << UpstreamRefusal {500, u"C"_s, {}, {}, {}} << u"by class and status"_s;
    QTest::addRow("status and message")
        << UpstreamRefusal {400, {}, {}, u"In THE Text it is"_s, {}} << u"by status and message"_s;
    QTest::addRow("status") << UpstreamRefusal {400, {}, {}, u"other"_s, {}} << u"by status"_s;
    QTest::addRow("hundreds") << UpstreamRefusal {499, {}, {}, u"the text"_s, {}}
                              << u"by hundreds"_s;
    QTest::addRow("message") << UpstreamRefusal {0, {}, {}, u"the text"_s, {}} << u"by message"_s;
    QTest::addRow("nothing") << UpstreamRefusal {0, u"c"_s, {}, u"other"_s, {}} << u"other"_s;
}

void TstUpstreamFailure::takesTheFirstRowThatMatches()
{
    QFETCH(const UpstreamRefusal, refusal);
    KiroTables tables;
    const auto add = [&tables](const QString &reason, const QString &errorClass, int status,
                               const QString &message, const QString &text) {
        KiroReaction row;
        row.reason = reason;
        row.errorClass = errorClass;
        row.status = status;
        row.messageContains = message;
        row.clientMessage = text;
        tables.reactions.push_back(row);
    };
    add(u"R"_s, {}, 0, {}, u"by reason"_s);
    add({}, u"C"_s, 500, {}, u"by class and status"_s);
    add({}, u"C"_s, 0, {}, u"by class"_s);
    add({}, {}, 400, u"the text"_s, u"by status and message"_s);
    add({}, {}, 400, {}, u"by status"_s);
    add({}, {}, 4, {}, u"by hundreds"_s);
    add({}, {}, 0, u"the text"_s, u"by message"_s);
    QTEST(QString::fromStdString(classify(tables, refusal).error.message), "row");
}

void TstUpstreamFailure::orderOfTheBuiltInRows()
{
    // §3.1: reason, then class, then status, then message.
    const auto rank = [](const KiroReaction &row) {
        return !row.reason.isEmpty() ? 0 : !row.errorClass.isEmpty() ? 1 : row.status != 0 ? 2 : 3;
    };
    int last = 0;
    for (const KiroReaction &row : m_tables->reactions) {
        QVERIFY(rank(row) >= last);
        last = rank(row);
        QVERIFY(rank(row) < 3 || !row.messageContains.isEmpty());
        QCOMPARE(row.coolDown > 0s, row.effect == Effect::CoolDown);
    }
}

void TstUpstreamFailure::tellsTheClientWhy()
{
    const auto messageFor = [this](int status, const QByteArray &body) {
        return QString::fromStdString(
            classify(*m_tables, parseRefusal(status, body, {}, {})).error.message);
    };
    // Claude Code recognises these words and compacts the conversation.
    QVERIFY(messageFor(400, reasonBody("PROMPT_TOO_LONG")).contains(u"prompt is too long"));
    QVERIFY(messageFor(400, messageBody("Input is too long.")).contains(u"prompt is too long"));
    // §11 no. 39: this one is not about size.
    QCOMPARE(messageFor(400, messageBody("Improperly formed request.")),
             u"Improperly formed request."_s);
    QVERIFY(messageFor(500, reasonBody("SOME_REASON", "")).contains(u"SOME_REASON"));
    QVERIFY(messageFor(418, {}).contains(u"418"));
    QVERIFY(!messageFor(500, "failed with Bearer aoaAAAAAGabcdefghijklmnop").contains(u"abcdef"));
}

void TstUpstreamFailure::tellsTheClientWhenToComeBack()
{
    const auto judge = [this](const QByteArray &reason, const QByteArray &retryAfter) {
        return classify(*m_tables,
                        parseRefusal(429, reasonBody(reason.constData()), {}, retryAfter));
    };
    const UpstreamFailure plain = judge("USER_REQUEST_RATE_EXCEEDED", {});
    QVERIFY(plain.coolDown >= 8s);
    QVERIFY(plain.error.retryAfter == plain.coolDown);
    const UpstreamFailure longer = judge("USER_REQUEST_RATE_EXCEEDED", "4000");
    QCOMPARE(longer.coolDown.count(), 4000);
    QVERIFY(longer.error.retryAfter == 4000s);
    QVERIFY(judge("INSUFFICIENT_MODEL_CAPACITY", "4").error.retryAfter == 4s);
    QVERIFY(!judge("INSUFFICIENT_MODEL_CAPACITY", {}).error.retryAfter);
    const UpstreamFailure suspicious =
        classify(*m_tables, parseRefusal(429, messageBody("Due to suspicious activity"), {}, "5"));
    QVERIFY(suspicious.coolDown == 30min);
}

void TstUpstreamFailure::neverBlamesTheAccountForTheNetwork_data()
{
    using Code = Error::Code;
    QTest::addColumn<Code>("code");
    QTest::addColumn<Action>("action");
    QTest::addColumn<Kind>("kind");
    QTest::addRow("timeout") << Code::Timeout << Action::RetryNextHost << Kind::Timeout;
    QTest::addRow("network") << Code::Network << Action::RetryNextHost << Kind::Upstream;
    QTest::addRow("nonsense") << Code::Upstream << Action::RetryBackoff << Kind::Upstream;
    QTest::addRow("cancelled") << Code::Cancelled << Action::Fail << Kind::Internal;
}

void TstUpstreamFailure::neverBlamesTheAccountForTheNetwork()
{
    QFETCH(const Error::Code, code);
    const UpstreamFailure failure = classifyTransport(Error {code, u"why"_s});
    QTEST(failure.action, "action");
    QTEST(failure.error.kind, "kind");
    QCOMPARE(failure.effect, Effect::None);
    QVERIFY(failure.error.message.find("why") != std::string::npos);
}

QTEST_GUILESS_MAIN(TstUpstreamFailure)
#include "tst_upstreamfailure.moc"
