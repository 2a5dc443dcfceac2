// SPDX-License-Identifier: MIT
#include "ui/errortext.h"

#include <QCoreApplication>

namespace kirotray {

namespace {

struct ErrorText
{
    Q_DECLARE_TR_FUNCTIONS(ErrorText)
};

} // namespace

QString errorText(Error::Code code)
{
    switch (code) {
    case Error::Code::Cancelled:
        return {};
    case Error::Code::Timeout:
        return ErrorText::tr("No answer came in time. Try again.");
    case Error::Code::Network:
        return ErrorText::tr("No network. Check the connection, then try again.");
    case Error::Code::Unauthorized:
        return ErrorText::tr("The sign-in has ended. Sign in again.");
    case Error::Code::RateLimited:
        return ErrorText::tr("Too many requests for now. Try again in a few minutes.");
    case Error::Code::BadInput:
        return ErrorText::tr("The content has an unknown form. Details say where.");
    case Error::Code::Upstream:
        return ErrorText::tr("Kiro refused, or its answer makes no sense. Try again later; "
                             "details help to report it.");
    case Error::Code::Storage:
        return ErrorText::tr("A file or the keychain cannot be read or written. Check free space "
                             "and permissions.");
    }
    return {};
}

} // namespace kirotray
