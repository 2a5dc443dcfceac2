// SPDX-License-Identifier: MIT
#include "app/kiro/keyprofile.h"

namespace kirotray {

namespace {

using controlfetch::Caller;

struct KeySearch
{
    Caller caller;
    QStringList regions {u"us-east-1"_s, u"eu-central-1"_s}; ///< still to ask
    std::optional<Error> doubt; ///< the first answer that is no rejection
    Error rejection;
    std::function<void(Result<std::vector<KiroProfile>>)> done;
};

std::vector<OutboundRequest> keyProfileRequests(const Caller &caller, const QString &region)
{
    QStringList bases = baseUrlsFor(caller.tables->endpoints.control, region);
    const QStringList all = bases;
    bases.removeIf([](const QString &base) { return !controlfetch::isManagementHost(base); });
    std::vector<OutboundRequest> requests;
    for (const QString &base : bases.isEmpty() ? all : bases) {
        OutboundRequest request = controlfetch::requestAt(caller, {base, u"/?origin=AI_EDITOR"_s},
                                                          KiroCallKind::Control, "{}");
        for (auto &[name, value] : request.headers)
            if (name == "Content-Type")
                value = "application/x-amz-json-1.0";
        request.headers.emplace_back("X-Amz-Target", "AmazonCodeWhispererService.GetProfile");
        requests.push_back(std::move(request));
    }
    return requests;
}

Result<KiroProfile> keyProfileOf(const KiroTables &tables, const Result<HttpReply> &reply)
{
    if (!reply)
        return reply.error();
    const Result<JsonDocument> document = controlfetch::objectOf(tables, reply.value());
    if (!document)
        return document.error();
    JsonReader reader;
    const JsonValue row = reader.requiredObject(document.value().root(), "profile");
    KiroProfile profile;
    profile.arn = controlfetch::textOf(reader.requiredString(row, "arn"));
    profile.name =
        controlfetch::textOf(reader.optionalString(row, "profileName").value_or(std::string()));
    profile.active = true;
    if (!reader.failed() && !isProfileArn(profile.arn))
        reader.fail(row["arn"], "is no profile ARN");
    if (reader.failed())
        return controlfetch::badReply(describe(reader.error()));
    return profile;
}

bool isRejection(const Error &error)
{
    return error.httpStatus == 400 || error.httpStatus == 401 || error.httpStatus == 403;
}

void askNextRegion(const std::shared_ptr<KeySearch> &search)
{
    if (search->regions.isEmpty()) {
        if (search->doubt)
            return search->done(*search->doubt);
        return search->done(
            Error {Error::Code::Unauthorized,
                   u"the API key is rejected in both regions: "_s + search->rejection.what,
                   {},
                   search->rejection.httpStatus});
    }
    const QString region = search->regions.takeFirst();
    controlfetch::fetchFirst(search->caller, keyProfileRequests(search->caller, region),
                             [search](const Result<HttpReply> &reply) {
                                 const Result<KiroProfile> profile =
                                     keyProfileOf(*search->caller.tables, reply);
                                 if (profile)
                                     return search->done(std::vector {profile.value()});
                                 if (isRejection(profile.error()))
                                     search->rejection = profile.error();
                                 else if (!search->doubt)
                                     search->doubt = profile.error();
                                 askNextRegion(search);
                             });
}

} // namespace

void findKeyProfile(const Caller &caller,
                    std::function<void(Result<std::vector<KiroProfile>>)> done)
{
    const auto search = std::make_shared<KeySearch>();
    search->caller = caller;
    search->done = std::move(done);
    askNextRegion(search);
}

} // namespace kirotray
