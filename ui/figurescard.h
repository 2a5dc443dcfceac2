// SPDX-License-Identifier: MIT
#pragma once

#include <QFrame>

#include <optional>
#include <vector>

class QLabel;

namespace kirotray {

/// The three numbers of the status window.
class FiguresCard : public QFrame
{
    Q_OBJECT
public:
    explicit FiguresCard(QWidget *parent = nullptr);
    /// `now`: requests in progress, absent while the proxy is off. The others count since the
    /// program's start.
    void setFigures(std::optional<int> now, qint64 requests, qint64 failed);

protected:
    void changeEvent(QEvent *event) override;

private:
    void retranslate();

    struct Figure
    {
        QLabel *caption;
        QLabel *number;
    };
    std::vector<Figure> m_figures;
    std::optional<int> m_now;
    qint64 m_requests = 0;
    qint64 m_failed = 0;
};

} // namespace kirotray
