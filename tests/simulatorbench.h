// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/simulator.h"
#include "tests/rawcall.h"

#include <memory>
#include <string_view>

namespace kirotray {

QByteArray chatBody(const QByteArray &text = "hi", const QByteArray &model = "claude-sonnet-4.5");
QByteArray refreshBody(const QByteArray &token); ///< of the social kind
/// A member of a JSON object: a string's text, anything else as it stands.
QByteArray member(const QByteArray &json, std::string_view key);

/// The whole box, over its socket; the tests of its parts derive from this.
class SimulatorBench : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

protected:
    RawCall *post(const QByteArray &path, const QByteArray &body,
                  const QByteArray &token = Simulator::demoAccessToken(),
                  const QByteArrayList &extraHeaders = {});
    RawCall *chat(const QByteArray &body = chatBody())
    {
        return post("/generateAssistantResponse", body);
    }
    void setScript(const QByteArray &json);

    std::unique_ptr<Simulator> m_simulator;
    std::unique_ptr<QObject> m_calls; ///< parent of the calls of one test
};

} // namespace kirotray
