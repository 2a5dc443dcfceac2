// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/http/httpparser.h"

#include <cstdint>
#include <cstdlib>

using namespace kirotray;

namespace {

void require(bool condition)
{
    if (!condition)
        std::abort();
}

/// Everything that the parser tells about the input, in one text.
QByteArray transcriptOf(QByteArrayView input, qsizetype step)
{
    HttpParser parser;
    QByteArray told;
    qsizetype bodySize = 0;
    for (qsizetype at = 0; at < input.size(); at += step) {
        // A copy of its own, so that reading outside the piece is seen by the sanitizer.
        const QByteArray piece = input.sliced(at, std::min(step, input.size() - at)).toByteArray();
        QByteArrayView bytes = piece;
        for (bool isMore = true; isMore;) {
            switch (parser.next(bytes)) {
            case HttpParser::Event::NeedMore:
                require(bytes.isEmpty());
                isMore = false;
                break;
            case HttpParser::Event::Head: {
                const HttpRequestHead &head = parser.head();
                require(head.path.startsWith('/') || head.path == "*");
                require(head.headers.count("host") <= 1);
                require(head.headers.fields().size() <= size_t(limits::MaxHeaderFields));
                told += head.method + ' ' + head.path + '?' + head.query + '\n';
                for (const auto &[name, value] : head.headers.fields()) {
                    require(!name.isEmpty() && !value.contains('\n') && !value.contains('\0'));
                    told += name + '=' + value + '\n';
                }
                break;
            }
            case HttpParser::Event::Body:
                for (const QByteArrayView part : parser.pieces()) {
                    bodySize += part.size();
                    told += part;
                }
                break;
            case HttpParser::Event::Complete:
                if (const auto length = parser.head().contentLength)
                    require(bodySize == *length);
                bodySize = 0;
                told += parser.keepAlive() ? "\nkept\n" : "\nclosed\n";
                parser.reset();
                break;
            case HttpParser::Event::Fault:
                require(parser.faultStatus() >= 400);
                return told + "fault " + parser.faultMessage();
            }
        }
    }
    return told + (parser.isIdle() ? "idle" : "more");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const QByteArrayView input(reinterpret_cast<const char *>(bytes), static_cast<qsizetype>(size));
    const QByteArray whole = transcriptOf(input, std::max<qsizetype>(input.size(), 1));
    require(transcriptOf(input, 1) == whole); // pieces do not matter
    require(transcriptOf(input, 13) == whole);
    return 0;
}
