// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowlog.h"
#include "app/flows/flowstatistics.h"

#include <QSqlQuery>
#include <QVariantList>

namespace kirotray {

/// A condition whose values are bound in order, never written into the text.
struct FlowCondition
{
    QString where; ///< behind WHERE; never empty
    QVariantList values;
};

/// The rows that a filter finds, but for its limit. Pure.
FlowCondition conditionOf(const FlowFilter &filter);

/// The table of user_version 1, and what finds its rows quickly; statements to run in order.
QStringList flowSchema();

/// INSERT of one record with all its values bound by bindFlow().
QString flowInsert();
void bindFlow(QSqlQuery &query, const FlowRecord &record);

QString flowColumns(); ///< of a SELECT whose rows flowOf() reads
FlowEntry flowOf(const QSqlQuery &query); ///< the current row; what is damaged in it is left out

QString sampleColumns(); ///< of a SELECT whose rows sampleOf() reads
FlowSample sampleOf(const QSqlQuery &query);

/// Tags as the column keeps them: each between line feeds.
QString tagsColumn(const QStringList &tags);

} // namespace kirotray
