// SPDX-License-Identifier: MIT
#include "app/base/log.h"
#include "app/core.h"
#include "app/platform/datafolder.h"
#include "app/platform/singleinstance.h"
#include "ui/desktop.h"
#include "ui/errortext.h"
#include "ui/glyph.h"
#include "ui/imagescaler.h"
#include "ui/language.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QMessageBox>
#include <QStyleFactory>

#include <algorithm>
#include <memory>

namespace kirotray {

namespace {

/// The program from its command line to its Desktop.
class Program : public QObject
{
    Q_OBJECT
public:
    explicit Program(const QCommandLineParser &options)
        : m_demo(options.isSet(u"demo"_s))
        , m_minimized(options.isSet(u"minimized"_s))
        , m_dataDir(options.isSet(u"data-dir"_s) ? options.value(u"data-dir"_s) : defaultDataDir())
        , m_instance(SingleInstance::runtimeDirectory(),
                     SingleInstance::nameFor(m_dataDir) + (m_demo ? u"-demo"_s : QString()))
    {
        m_language.use({});
        connect(&m_instance, &SingleInstance::received, this, [this](const QStringList &arguments) {
            if (m_desktop && !arguments.contains("--minimized"_L1))
                m_desktop->raiseWindow();
        });
    }

    void begin()
    {
        const Result<bool> first = m_instance.claim();
        if (!first)
            qCWarning(logUi).noquote()
                << "single instance unavailable reason=" << describe(first.error());
        if (!first || first.value()) {
            open();
            return;
        }
        m_instance.handOver(QCoreApplication::arguments(), this, [this](const Result<Done> &done) {
            if (done)
                QCoreApplication::exit(0);
            else
                beginAfterAll();
        });
    }

private:
    /// The first copy did not answer: it may have ended meanwhile.
    void beginAfterAll()
    {
        const Result<bool> first = m_instance.claim();
        if (first && first.value())
            open();
        else
            refuse(tr("KiroTray is running already and does not answer. End it, then start again."),
                   {});
    }

    void open()
    {
        const QString file = m_demo ? QString() : m_dataDir + u"/logs/kirotray.log"_s;
        if (const Result<Done> logged = installLog(file, true); !logged)
            qCWarning(logUi).noquote()
                << "log file unavailable reason=" << describe(logged.error());
        CoreOptions options;
        options.dataDir = m_dataDir;
        options.demo = m_demo;
        options.imageScaler = scaleImage;
        m_core = std::make_unique<Core>(options);
        const Result<Done> opened = m_core->open();
        if (!opened) {
            refuse(errorText(opened.error().code), describe(opened.error()));
            return;
        }
        m_desktop = std::make_unique<Desktop>(*m_core, m_language);
        m_desktop->start(m_minimized);
    }

    /// `details`: English, for the box's details.
    void refuse(const QString &sentence, const QString &details)
    {
        qCCritical(logUi).noquote() << "start refused reason=" << sentence << details;
        auto *box = new QMessageBox(QMessageBox::Critical, u"KiroTray"_s,
                                    tr("KiroTray cannot start"), QMessageBox::Close);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setInformativeText(sentence);
        box->setDetailedText(details);
        connect(box, &QMessageBox::finished, this, [] { QCoreApplication::exit(1); });
        box->open();
    }

    bool m_demo;
    bool m_minimized;
    QString m_dataDir;
    Language m_language;
    SingleInstance m_instance;
    std::unique_ptr<Core> m_core;
    std::unique_ptr<Desktop> m_desktop; ///< before m_core in destruction
};

void addOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(u"Use your own Kiro accounts from the tools you work with."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions({
        {u"data-dir"_s, u"Keep accounts and settings in this <folder>."_s, u"folder"_s},
        {u"demo"_s, u"Use a demo account without network; nothing is stored."_s},
        {u"minimized"_s, u"Start in the tray, without the window."_s},
    });
}

/// Help and version need no display.
bool asksForText(int argc, char **argv)
{
    return std::any_of(argv + 1, argv + argc, [](const char *argument) {
        const QByteArrayView word(argument);
        return word == "--help" || word == "-h" || word == "--help-all" || word == "--version"
            || word == "-v";
    });
}

} // namespace

} // namespace kirotray

int main(int argc, char **argv)
{
    using namespace kirotray;
    QCoreApplication::setApplicationName(u"KiroTray"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(KIROTRAY_VERSION));
    QCommandLineParser parser;
    addOptions(parser);
    if (asksForText(argc, argv)) {
        const QCoreApplication app(argc, argv);
        parser.process(app);
        return 0;
    }

    QGuiApplication::setHighDpiScaleFactorRoundingPolicy(
        Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    const QApplication app(argc, argv);
    QGuiApplication::setDesktopFileName(u"kirotray"_s);
    QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    QApplication::setFont(withHanFamilies(QApplication::font()));
    QApplication::setQuitOnLastWindowClosed(false);
    QApplication::setWindowIcon(coloredIcon(u"app"_s));
    parser.process(app);
    Program program(parser);
    program.begin();
    return QApplication::exec();
}

#include "main.moc"
