// SPDX-License-Identifier: MIT
#include "app/kiro/toolnames.h"

#include <QTest>

#include <set>

using namespace kirotray;

class TstToolNames : public QObject
{
    Q_OBJECT

private slots:
    void shortensToolNamesAsOthersDo()
    {
        const std::string longName =
            "mcp__some_very_long_server_name__a_tool_with_an_even_longer_name_than_allowed";
        const auto names = upstreamToolNames({longName});
        QCOMPARE(names[0],
                 std::string("mcp__some_very_long_server_name__a_tool_with_an_even_l_bbe4a092"));
    }

    void toolNamesStayApart()
    {
        // The last two are what others would become.
        const std::string hashed = upstreamToolNames({"a.b", "a_b"})[0];
        const std::vector<std::string_view> client {
            "a.b", "a:b", "", "1", "\xE6\x90\x9C", "\xE7\xB4\xA2", "a_b", hashed, "t_1"};
        const auto names = upstreamToolNames(client);
        QCOMPARE(names.size(), client.size());
        QCOMPARE(std::set<std::string>(names.begin(), names.end()).size(), client.size());
        for (const std::string &name : names)
            QVERIFY2(isUpstreamToolName(name), name.c_str());
        for (const std::size_t sound : {6U, 7U, 8U})
            QCOMPARE(names[sound], std::string(client[sound]));
        QCOMPARE(upstreamToolNames(client), names);
    }
};

QTEST_APPLESS_MAIN(TstToolNames)
#include "tst_toolnames.moc"
