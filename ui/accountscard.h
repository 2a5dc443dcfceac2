// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"
#include "ui/theme.h"

#include <QFrame>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace kirotray {

/// How many accounts there are, and the way to add some from files.
class AccountsCard : public QFrame
{
    Q_OBJECT
public:
    explicit AccountsCard(QWidget *parent = nullptr);

    void setCounts(int total, int usable);
    /// What became of each file of the last import; failures first.
    void showOutcomes(const std::vector<ImportOutcome> &outcomes);
    void setTheme(const Theme &theme);

public slots:
    /// Asks for files; importRequested() follows when some were chosen.
    void chooseFiles();

signals:
    void importRequested(const QStringList &files);

protected:
    void changeEvent(QEvent *event) override;

private:
    void buildHead(QVBoxLayout *layout);
    void buildEmptyState(QVBoxLayout *layout);
    void retranslate();
    void rebuildOutcomes();
    void addOutcomeRow(const ImportOutcome &outcome);

    Theme m_theme {false};
    int m_total = 0;
    int m_usable = 0;
    std::vector<ImportOutcome> m_outcomes;
    QLabel *m_title = nullptr;
    QLabel *m_count = nullptr;
    QPushButton *m_import = nullptr;
    QWidget *m_empty = nullptr;
    QLabel *m_emptyGlyph = nullptr;
    QLabel *m_emptyTitle = nullptr;
    QLabel *m_emptyText = nullptr;
    QPushButton *m_importFirst = nullptr;
    QWidget *m_list = nullptr; ///< of outcomes
};

} // namespace kirotray
