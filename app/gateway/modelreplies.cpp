// SPDX-License-Identifier: MIT
#include "app/gateway/modelreplies.h"

#include "app/kiro/modelchoice.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace kirotray {

HttpResponse modelsReply(const Route &route, const KiroTables &tables,
                         std::span<const KiroModel> listed, const QString &thinkingSuffix,
                         const ReplyStamp &stamp)
{
    const Dialect &api = dialect(route.dialect);
    if (route.kind == Route::Kind::Models) {
        const std::span<const KiroModel> known = listed.empty() ? tables.models : listed;
        std::vector<ModelInfo> models;
        models.reserve(known.size());
        std::transform(known.begin(), known.end(), std::back_inserter(models),
                       [](const KiroModel &model) { return model.info; });
        return jsonResponse(200, api.encodeModels(models), stamp);
    }
    const ModelChoice choice =
        chooseModel(tables, listed, QString::fromUtf8(route.model), thinkingSuffix);
    if (!choice.model)
        return errorResponse(api,
                             {ChatError::Kind::NotFound,
                              "'" + route.model.toStdString() + "' does not exist",
                              "model",
                              {}},
                             stamp);
    ModelInfo shown = choice.model->info;
    shown.id = route.model.toStdString();
    return jsonResponse(200, api.encodeModel(shown), stamp);
}

} // namespace kirotray
