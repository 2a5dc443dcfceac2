// SPDX-License-Identifier: MIT
#include "app/base/result.h"

#include <QDir>
#include <QFile>
#include <QMap>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

using namespace kirotray;

namespace {

struct Message
{
    QString context;
    QString source;
    QStringList forms;
    bool isPlural = false;
    bool isFinished = true;
};

std::vector<Message> messagesOf(const QString &file)
{
    QFile source(file);
    std::vector<Message> all;
    if (!source.open(QIODevice::ReadOnly))
        return all;
    QXmlStreamReader xml(&source);
    QString context;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == "name"_L1) {
            context = xml.readElementText();
        } else if (xml.name() == "message"_L1) {
            all.push_back({context, {}, {}, xml.attributes().hasAttribute("numerus"_L1)});
        } else if (xml.name() == "source"_L1) {
            all.back().source = xml.readElementText();
        } else if (xml.name() == "translation"_L1) {
            all.back().isFinished = !xml.attributes().hasAttribute("type"_L1);
            if (!all.back().isPlural)
                all.back().forms << xml.readElementText();
        } else if (xml.name() == "numerusform"_L1) {
            all.back().forms << xml.readElementText();
        }
    }
    return all;
}

QString catalogue(const QString &language)
{
    return QStringLiteral(KIROTRAY_SOURCE_DIR "/translations/kirotray_") + language + u".ts"_s;
}

/// %1, %2, %n in alphabetical order.
QStringList placeholdersOf(const QString &text)
{
    static const QRegularExpression placeholder(u"%(?:\\d|n)"_s);
    QStringList found;
    for (auto it = placeholder.globalMatch(text); it.hasNext();)
        found << it.next().captured();
    found.sort();
    return found;
}

QStringList keysOf(const QString &file)
{
    QStringList keys;
    for (const Message &message : messagesOf(file))
        keys << message.context + u" | "_s + message.source;
    keys.sort();
    return keys;
}

} // namespace

class TstTranslations : public QObject
{
    Q_OBJECT
private slots:
    void everyTextIsTranslated_data() { addLanguages(); }
    void everyTextIsTranslated()
    {
        QFETCH(QString, language);
        QFETCH(int, pluralForms);
        const std::vector<Message> messages = messagesOf(catalogue(language));
        QVERIFY(messages.size() > 50);
        for (const Message &message : messages) {
            QVERIFY2(message.isFinished, qPrintable(message.source));
            QCOMPARE(message.forms.size(), message.isPlural ? pluralForms : 1);
            for (const QString &form : message.forms) {
                QVERIFY2(!form.isEmpty(), qPrintable(message.source));
                QVERIFY2(!form.contains("(s)"_L1), qPrintable(form));
                QCOMPARE(placeholdersOf(form), placeholdersOf(message.source));
            }
        }
    }

    void chineseFollowsTheHouseRules()
    {
        static const QRegularExpression forbidden(
            u"您|哦|呢|令牌池|守护进程|[\\x{4e00}-\\x{9fff}][A-Za-z0-9%]|"
            "[A-Za-z0-9][\\x{4e00}-\\x{9fff}]|[\\x{4e00}-\\x{9fff}][,.!?;:]"_s);
        for (const Message &message : messagesOf(catalogue(u"zh_CN"_s)))
            for (const QString &form : message.forms) {
                const auto match = forbidden.match(form);
                QVERIFY2(!match.hasMatch(), qPrintable(form + u": "_s + match.captured()));
            }
    }

    /// When this fails: cmake --build build --target kirotray_ui_lupdate, then translate.
    void theCataloguesHoldTheTextsOfTheSources_data() { addLanguages(); }
    void theCataloguesHoldTheTextsOfTheSources()
    {
        QFETCH(QString, language);
        QTemporaryDir folder;
        const QString copy = folder.filePath(u"copy.ts"_s);
        QVERIFY(QFile::copy(catalogue(language), copy));
        QVERIFY(QFile::setPermissions(copy, QFile::ReadOwner | QFile::WriteOwner));
        const QStringList before = keysOf(copy);
        QStringList arguments {u"-silent"_s, u"-no-obsolete"_s, u"-I"_s,
                               QStringLiteral(KIROTRAY_SOURCE_DIR)};
        const QDir sources(QStringLiteral(KIROTRAY_SOURCE_DIR "/ui"));
        for (const QString &name : sources.entryList({u"*.cpp"_s}))
            arguments << sources.filePath(name);
        arguments << u"-ts"_s << copy;
        QProcess lupdate;
        lupdate.start(QStringLiteral(KIROTRAY_LUPDATE), arguments);
        QVERIFY(lupdate.waitForFinished(60000));
        QCOMPARE(lupdate.exitCode(), 0);
        QCOMPARE(keysOf(copy), before);
    }

private:
    static void addLanguages()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("pluralForms");
        QTest::addRow("Chinese") << u"zh_CN"_s << 1;
        QTest::addRow("English") << u"en"_s << 2;
    }
};

QTEST_APPLESS_MAIN(TstTranslations)
#include "tst_translations.moc"
