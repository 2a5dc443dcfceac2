// SPDX-License-Identifier: MIT
#include "app/accounts/splititems.h"

#include "app/base/limits.h"
#include "app/base/log.h"

#include <QCryptographicHash>

namespace kirotray {

namespace {

constexpr char PointerVersion[] = "kirotray-parts-1";

QString partName(const QString &name, char generation, int index)
{
    return u"%1/%2.%3"_s.arg(name).arg(QLatin1Char(generation)).arg(index);
}

/// Tells a generation that is whole from one that another program has touched.
QByteArray checksumOf(const QByteArray &value)
{
    return QCryptographicHash::hash(value, QCryptographicHash::Sha256).toHex().first(16);
}

} // namespace

/// "kirotray-parts-1 <generation> <parts> <bytes> <checksum>"
struct SplitItems::Pointer
{
    char generation = 'b';
    int parts = 0;
    qsizetype size = 0;
    QByteArray checksum;

    Secret text() const
    {
        return Secret(QByteArrayList {PointerVersion, QByteArray(1, generation),
                                      QByteArray::number(parts), QByteArray::number(size), checksum}
                          .join(' '));
    }
};

SplitItems::SplitItems(std::unique_ptr<ItemStore> items, qsizetype itemLimit)
    : m_items(std::move(items))
    , m_itemLimit(itemLimit)
    , m_maxParts(static_cast<int>((limits::MaxSecretItem + itemLimit - 1) / itemLimit))
{
}

SplitItems::~SplitItems() = default;

Result<SplitItems::Pointer> SplitItems::parsePointer(const Secret &text)
{
    const Error damaged {Error::Code::Storage, u"the keychain item is damaged"_s};
    const QByteArrayList fields = text.reveal().split(' ');
    if (fields.size() != 5 || fields[0] != PointerVersion || (fields[1] != "a" && fields[1] != "b"))
        return damaged;
    bool partsOk = false;
    bool sizeOk = false;
    Pointer pointer;
    pointer.generation = fields[1].at(0);
    pointer.parts = fields[2].toInt(&partsOk);
    pointer.size = fields[3].toLongLong(&sizeOk);
    pointer.checksum = fields[4];
    const bool inBounds = pointer.parts >= 0 && pointer.size >= 0
        && pointer.size <= limits::MaxSecretItem && pointer.parts <= pointer.size;
    if (!partsOk || !sizeOk || !inBounds)
        return damaged;
    return pointer;
}

void SplitItems::read(const QString &name, ReadDone done)
{
    m_items->read(name, [this, name, done = std::move(done)](const Result<Secret> &text) {
        if (!text) {
            done(text.error());
            return;
        }
        const Result<Pointer> pointer = parsePointer(text.value());
        if (pointer)
            readPart(name, std::make_shared<const Pointer>(pointer.value()), 0, {}, done);
        else
            done(pointer.error());
    });
}

void SplitItems::readPart(const QString &name, std::shared_ptr<const Pointer> pointer, int index,
                          QByteArray soFar, ReadDone done)
{
    if (index == pointer->parts) {
        if (soFar.size() == pointer->size && checksumOf(soFar) == pointer->checksum)
            done(Secret(std::move(soFar)));
        else
            done(Error {Error::Code::Storage, u"the keychain item is damaged"_s});
        return;
    }
    const auto next = [this, name, pointer, index, soFar,
                       done = std::move(done)](const Result<Secret> &part) {
        if (part) {
            readPart(name, pointer, index + 1, soFar + part.value().reveal(), done);
            return;
        }
        const bool missing = part.error().code == Error::Code::BadInput;
        done(missing ? Error {Error::Code::Storage, u"a part of the keychain item is missing"_s}
                     : part.error());
    };
    m_items->read(partName(name, pointer->generation, index), next);
}

SplitItems::Steps SplitItems::stepsOfWrite(const QString &name, const Secret &value,
                                           char generation) const
{
    const QByteArray &bytes = value.reveal();
    Pointer pointer;
    pointer.generation = generation;
    pointer.size = bytes.size();
    pointer.checksum = checksumOf(bytes);
    Steps steps;
    for (qsizetype at = 0; at < bytes.size(); at += m_itemLimit) {
        steps.push_back({partName(name, generation, pointer.parts),
                         Secret(bytes.mid(at, m_itemLimit)), true, false});
        ++pointer.parts;
    }
    steps.push_back({name, pointer.text(), true, false});
    const char other = generation == 'a' ? 'b' : 'a';
    for (int index = 0; index < m_maxParts; ++index)
        steps.push_back({partName(name, other, index), {}, false, true});
    // What an earlier, longer value left of this generation when it was cut short.
    for (int index = pointer.parts; index < m_maxParts; ++index)
        steps.push_back({partName(name, generation, index), {}, false, true});
    return steps;
}

void SplitItems::write(const QString &name, const Secret &value, WriteDone done)
{
    if (value.reveal().size() > limits::MaxSecretItem) {
        done(Error {Error::Code::BadInput, u"the secret is too large"_s, name});
        return;
    }
    const auto next = [this, name, value, done = std::move(done)](const Result<Secret> &text) {
        if (!text && text.error().code != Error::Code::BadInput) {
            done(text.error()); // unknown which generation is the live one: touch neither
            return;
        }
        char generation = 'a';
        if (text) {
            const Result<Pointer> pointer = parsePointer(text.value());
            generation = pointer && pointer.value().generation == 'a' ? 'b' : 'a';
        }
        run(std::make_shared<const Steps>(stepsOfWrite(name, value, generation)), 0, done);
    };
    m_items->read(name, next);
}

void SplitItems::remove(const QString &name, WriteDone done)
{
    Steps steps {{name, {}, false, false}};
    for (const char generation : {'a', 'b'}) {
        for (int index = 0; index < m_maxParts; ++index)
            steps.push_back({partName(name, generation, index), {}, false, false});
    }
    run(std::make_shared<const Steps>(std::move(steps)), 0, std::move(done));
}

void SplitItems::run(std::shared_ptr<const Steps> steps, std::size_t at, WriteDone done)
{
    if (at == steps->size()) {
        done(Done {});
        return;
    }
    const Step &step = (*steps)[at];
    const auto next = [this, steps, at, done = std::move(done)](const Result<Done> &result) {
        const Step &carriedOut = (*steps)[at];
        if (!result && !carriedOut.mayFail) {
            done(result.error());
            return;
        }
        if (!result)
            qCWarning(logAccounts).noquote() << "keychain part left behind:" << result.error().what;
        run(steps, at + 1, done);
    };
    if (step.isWrite)
        m_items->write(step.name, step.value, next);
    else
        m_items->remove(step.name, next);
}

} // namespace kirotray
