// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpserver.h"
#include "app/simulator/answerplan.h"
#include "app/simulator/chatask.h"
#include "app/simulator/identityservice.h"
#include "app/simulator/oidcidentity.h"
#include "app/simulator/scenario.h"
#include "app/simulator/simulator.h"
#include "app/simulator/tokenbook.h"

#include <QObject>

#include <chrono>
#include <memory>
#include <vector>

namespace kirotray {

/// The simulator's inside: routes, rules, counts. Lives on the simulator's thread, except that
/// setScenario() and statistics() may be called before that thread has started.
class SimulatedService : public QObject
{
    Q_OBJECT
public:
    SimulatedService();
    ~SimulatedService() override;

    Result<quint16> listen(quint16 port);
    /// Cuts every stream and stops listening. While the thread's event loop still runs, so that
    /// what is deleted later is deleted at all.
    void close();
    /// Rules start from the beginning; tokens that were issued stay good, used ones stay used.
    void setScenario(const Scenario &scenario);
    SimulatorStatistics statistics() const;
    std::vector<SimulatorRequest> requests() const;

private:
    struct RuleState
    {
        ScenarioRule rule;
        int left = -1; ///< matches; negative: no end
        AnswerPlanPtr plan; ///< when every match gets the same bytes
    };
    struct Control
    {
        ControlCall call = ControlCall::Usage;
        ControlOverride instead;
        int left = -1;
    };

    void handle(HttpExchange exchange);
    void dispatchTarget(HttpExchange exchange);
    void chat(HttpExchange exchange, bool rpcBinding);
    void refresh(HttpExchange exchange, bool social);
    void control(HttpExchange exchange, ControlCall call);
    HttpResponse usualControlAnswer(const HttpRequest &request, ControlCall call) const;

    RuleState *matchingRule(const ChatAsk &ask, const QByteArray &token);
    AnswerPlanPtr planFor(RuleState *state, const ChatAsk &ask) const;
    void play(HttpExchange exchange, const ChatAsk &ask, AnswerPlanPtr plan);
    /// Null when the script records nothing; good until the next call.
    SimulatorRequest *record(SimulatorRequest::Call call, const std::string &body);
    void countChat(const HttpRequest &request);
    void refuse(HttpExchange exchange, const Refusal &refusal);
    void respondAfter(std::chrono::milliseconds delay, HttpExchange exchange,
                      const HttpResponse &response);

    std::unique_ptr<HttpServer> m_http; ///< created on the thread that uses it
    ServiceRules m_service;
    TokenBook m_tokens;
    IdentityService m_identity;
    OidcIdentity m_oidc;
    std::vector<RuleState> m_rules;
    std::vector<Control> m_controls;
    SimulatorStatistics m_statistics;
    std::vector<SimulatorRequest> m_requests; ///< the last m_record, oldest first
    int m_record = 0;
    int m_accepted = 0; ///< chat requests since the script was set
    double m_credits = 0; ///< charged so far
};

} // namespace kirotray
