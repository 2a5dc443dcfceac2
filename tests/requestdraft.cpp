// SPDX-License-Identifier: MIT
#include "tests/requestdraft.h"

#include <QTest>

namespace kirotray::requestdraft {

QByteArray Draft::json() const
{
    return R"({"conversationState":{"chatTriggerType":)" + trigger + R"(,"history":)" + history
        + R"(,"currentMessage":{"userInputMessage":{"content":)" + content + R"(,"modelId":)"
        + model + messageExtra + "}}" + stateExtra + "}" + rootExtra + "}";
}

Draft with(QByteArray Draft::*piece, const QByteArray &json)
{
    Draft draft;
    draft.*piece = json;
    return draft;
}

Draft withHistory(const QByteArray &history, const QByteArray &messageExtra)
{
    Draft draft;
    draft.history = "[" + history + "]";
    draft.messageExtra = messageExtra;
    return draft;
}

Draft withMessage(const QByteArray &messageExtra)
{
    return withHistory({}, messageExtra);
}

QByteArray user(const QByteArray &extra)
{
    return R"({"userInputMessage":{"content":"q")" + extra + "}}";
}

QByteArray assistant(const QByteArray &extra)
{
    return R"({"assistantResponseMessage":{"content":"a")" + extra + "}}";
}

QByteArray uses(const QByteArray &list)
{
    return R"(,"toolUses":)" + list;
}

QByteArray context(const QByteArray &tools, const QByteArray &results)
{
    QByteArray members;
    if (!tools.isEmpty())
        members = R"("tools":[)" + tools + "]";
    if (!results.isEmpty())
        members +=
            (members.isEmpty() ? R"("toolResults":[)" : R"(,"toolResults":[)") + results + "]";
    return R"(,"userInputMessageContext":{)" + members + "}";
}

QByteArray use(const QByteArray &id, const QByteArray &name, const QByteArray &input)
{
    return R"({"toolUseId":")" + id + R"(","name":")" + name + R"(","input":)" + input + "}";
}

QByteArray result(const QByteArray &id, const QByteArray &content)
{
    return R"({"toolUseId":")" + id + R"(","status":"success","content":)" + content + "}";
}

QByteArray tool(const QByteArray &name, const QByteArray &schema, const QByteArray &description)
{
    return R"({"toolSpecification":{"name":")" + name + R"(","description":)" + description
        + R"(,"inputSchema":{"json":)" + schema + "}}}";
}

HttpHeaders headersWith(const QByteArray &type, const QByteArray &agent)
{
    HttpHeaders headers;
    headers.append("Content-Type", type);
    headers.append("User-Agent", agent);
    return headers;
}

QByteArray verdictOn(const QByteArray &body, const HttpHeaders &headers, const ServiceRules &rules)
{
    const CheckedRequest checked =
        checkChatRequest(headers, {body.constData(), static_cast<std::size_t>(body.size())}, rules);
    if (!checked.refusal)
        return checked.document ? "accepted" : "neither";
    if (!checked.refusal->reason.isEmpty())
        return checked.refusal->reason;
    return QByteArray::number(checked.refusal->status) + ' ' + checked.refusal->message;
}

void addColumns()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
}

void addRow(const char *name, const Draft &draft, const QByteArray &expected)
{
    QTest::addRow("%s", name) << draft.json() << expected;
}

void checkRow()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    QCOMPARE(verdictOn(body, headersWith(), {}), expected);
}

} // namespace kirotray::requestdraft
