// SPDX-License-Identifier: MIT
#include "app/kiro/controlcalls.h"

#include "app/base/limits.h"
#include "app/kiro/controlfetch.h"
#include "app/kiro/keyprofile.h"
#include "app/kiro/modelfields.h"
#include "app/kiro/profilechoice.h"

#include <algorithm>

namespace kirotray {

namespace {

using controlfetch::Caller;
using controlfetch::PagedList;

using ModelList = std::vector<KiroModel>;
using ProfileList = std::vector<KiroProfile>;

bool takesImages(const JsonValue &inputTypes)
{
    for (const JsonValue type : inputTypes)
        if (type.string() == "IMAGE")
            return true;
    return false;
}

int cachePointsOf(const JsonValue &caching, int known)
{
    const JsonValue supported = caching["supportsPromptCaching"];
    if (supported.type() == JsonValue::Type::Boolean && !supported.boolean())
        return 0;
    const auto most = caching["maximumCacheCheckpointsPerRequest"].integer();
    return most ? static_cast<int>(std::clamp<qint64>(*most, 0, limits::MaxCachePoints)) : known;
}

/// Any member but the id may be missing or of a shape that nobody has seen yet.
KiroModel modelFromReply(const KiroTables &tables, JsonReader &reader, const JsonValue &row)
{
    KiroModel model;
    ModelInfo &info = model.info;
    info.id = reader.requiredString(row, "modelId");
    if (const KiroModel *known = findModel(tables, QString::fromStdString(info.id)))
        model = *known;
    else if (const JsonValue provider = row["modelProvider"]; provider.isString())
        model.thirdParty = provider.string() != "ANTHROPIC";
    if (const auto name = reader.optionalString(row, "modelName"); name && !name->empty())
        info.displayName = *name;
    if (info.displayName.empty())
        info.displayName = info.id;
    const JsonValue limitsRow = reader.optionalObject(row, "tokenLimits");
    const auto take = [&](qint64 &field, std::string_view key) {
        const qint64 value = reader.optionalInteger(limitsRow, key).value_or(0);
        field = value > 0 ? value : field;
    };
    take(info.maxInputTokens, "maxInputTokens");
    take(info.maxOutputTokens, "maxOutputTokens");
    if (const JsonValue types = row["supportedInputTypes"]; types.isArray() && types.size() > 0)
        info.takesImages = takesImages(types);
    model.maxCachePoints = cachePointsOf(row["promptCaching"], model.maxCachePoints);
    if (const JsonValue schema = row["additionalModelRequestFieldsSchema"]; schema.isObject())
        model.fields = modelFieldsFromSchema(schema, model.fields, info.maxOutputTokens);
    return model;
}

controlfetch::Place modelsPlace(const KiroTables &tables, const KiroIdentity &identity,
                                const QString &baseUrl, const QString &token)
{
    const QString arn = profileArnFor(tables, identity, baseUrl);
    if (controlfetch::isManagementHost(baseUrl))
        return {baseUrl,
                "/List-Available-Models"_L1
                    + controlfetch::queryOf({{u"origin"_s, u"KIRO_CLI"_s},
                                             {u"profileArn"_s, arn},
                                             {u"nextToken"_s, token}})};
    return {baseUrl,
            "/ListAvailableModels"_L1
                + controlfetch::queryOf({{u"origin"_s, tables.client.origin},
                                         {u"maxResults"_s, u"50"_s},
                                         {u"profileArn"_s, arn},
                                         {u"nextToken"_s, token}})};
}

KiroProfile profileFromReply(JsonReader &reader, const JsonValue &row)
{
    KiroProfile profile;
    profile.arn = controlfetch::textOf(reader.requiredString(row, "arn"));
    profile.name =
        controlfetch::textOf(reader.optionalString(row, "profileName").value_or(std::string()));
    // Absent in old replies, which listed usable profiles only.
    profile.active = reader.optionalString(row, "status").value_or("ACTIVE") == "ACTIVE";
    return profile;
}

QByteArray profilesBody(const QString &token)
{
    std::string body;
    JsonWriter writer(body);
    writer.beginObject();
    if (!token.isEmpty())
        writer.member("nextToken", token.toStdString());
    writer.endObject();
    return QByteArray::fromStdString(body);
}

/// The profiles of the regions, joined.
struct ProfileSearch
{
    std::vector<ProfileList> found; ///< by region
    int pending = 0;
    std::optional<Error> error; ///< the first one
    std::function<void(Result<ProfileList>)> done;

    void finish() const
    {
        ProfileList all;
        for (const ProfileList &region : found)
            for (const KiroProfile &profile : region)
                if (std::none_of(all.begin(), all.end(), [&profile](const KiroProfile &known) {
                        return known.arn == profile.arn;
                    }))
                    all.push_back(profile);
        if (all.empty() && error)
            done(*error);
        else
            done(all);
    }
};

void searchRegion(const Caller &caller, const std::shared_ptr<ProfileSearch> &search,
                  std::size_t index, const QString &region)
{
    const auto list = std::make_shared<PagedList>();
    const QStringList bases = baseUrlsFor(caller.tables->endpoints.control, region);
    list->requests = [caller, bases](const QString &token) {
        std::vector<OutboundRequest> requests;
        for (const QString &base : bases) {
            const QString path = controlfetch::isManagementHost(base)
                ? u"/List-Available-Profiles"_s
                : u"/ListAvailableProfiles"_s;
            requests.push_back(controlfetch::requestAt(caller, {base, path}, KiroCallKind::Control,
                                                       profilesBody(token)));
        }
        return requests;
    };
    list->take = [search, index](JsonReader &reader, const JsonValue &root) {
        for (const JsonValue &row : reader.optionalArray(root, "profiles"))
            search->found[index].push_back(profileFromReply(reader, row));
    };
    list->done = [search](const Result<Done> &result) {
        if (!result && !search->error)
            search->error = result.error();
        if (--search->pending == 0)
            search->finish();
    };
    controlfetch::fetchPages(caller, list);
}

} // namespace

ControlCalls::ControlCalls(HttpClient &http, KiroTablesPtr tables)
    : m_http(http)
    , m_tables(std::move(tables))
{
}

void ControlCalls::models(const KiroIdentity &identity, QObject *context,
                          std::function<void(Result<ModelList>)> done)
{
    const Caller caller {&m_http, m_tables, identity, m_proxy, context};
    const auto models = std::make_shared<ModelList>();
    const auto list = std::make_shared<PagedList>();
    const QStringList bases = baseUrlsFor(m_tables->endpoints.control, apiRegionOf(identity));
    list->requests = [caller, bases](const QString &token) {
        std::vector<OutboundRequest> requests;
        for (const QString &base : bases)
            requests.push_back(controlfetch::requestAt(
                caller, modelsPlace(*caller.tables, caller.identity, base, token),
                KiroCallKind::Control, {}));
        return requests;
    };
    list->take = [tables = m_tables, models](JsonReader &reader, const JsonValue &root) {
        for (const JsonValue &row : reader.requiredArray(root, "models"))
            models->push_back(modelFromReply(*tables, reader, row));
    };
    list->done = [models, done = std::move(done)](const Result<Done> &result) {
        if (result)
            done(std::move(*models));
        else
            done(result.error());
    };
    controlfetch::fetchPages(caller, list);
}

void ControlCalls::profiles(const KiroIdentity &identity, QObject *context,
                            std::function<void(Result<ProfileList>)> done)
{
    // The ARN is what is being looked for.
    KiroIdentity asking = identity;
    asking.profileArn.clear();
    const Caller caller {&m_http, m_tables, asking, m_proxy, context};
    if (identity.kind == AccountKind::ApiKey) {
        findKeyProfile(caller, std::move(done));
        return;
    }
    const QStringList regions {u"us-east-1"_s, u"eu-central-1"_s};
    const auto search = std::make_shared<ProfileSearch>();
    search->found.resize(static_cast<std::size_t>(regions.size()));
    search->pending = static_cast<int>(regions.size());
    search->done = std::move(done);
    for (qsizetype at = 0; at < regions.size(); ++at)
        searchRegion(caller, search, static_cast<std::size_t>(at), regions[at]);
}

} // namespace kirotray
