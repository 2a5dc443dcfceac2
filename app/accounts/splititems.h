// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/itemstore.h"

#include <memory>
#include <vector>

namespace kirotray {

/// Stores values that are larger than one item of the store below (design §7). The item `name` is
/// a pointer to a generation, "a" or "b", whose parts are the items `name/a.0`, `name/a.1`, ….
/// Writing fills the generation that is not pointed to, then replaces the pointer, then removes the
/// other generation: after a crash at any step the old or the new value is whole. What a crash
/// leaves behind is cleared by the next write or removal of that name.
class SplitItems final : public ItemStore
{
public:
    /// Parts have at most `itemLimit` bytes.
    SplitItems(std::unique_ptr<ItemStore> items, qsizetype itemLimit);
    ~SplitItems() override;

    void read(const QString &name, ReadDone done) override;
    void write(const QString &name, const Secret &value, WriteDone done) override;
    void remove(const QString &name, WriteDone done) override;

private:
    struct Pointer;
    struct Step
    {
        QString name;
        Secret value;
        bool isWrite = false; ///< else the item is removed
        bool mayFail = false; ///< clearing up: the value is safe already
    };
    using Steps = std::vector<Step>;

    static Result<Pointer> parsePointer(const Secret &text);
    Steps stepsOfWrite(const QString &name, const Secret &value, char generation) const;
    void run(std::shared_ptr<const Steps> steps, std::size_t at, WriteDone done);
    void readPart(const QString &name, std::shared_ptr<const Pointer> pointer, int index,
                  QByteArray soFar, ReadDone done);

    std::unique_ptr<ItemStore> m_items;
    qsizetype m_itemLimit;
    int m_maxParts; ///< of the largest value
};

} // namespace kirotray
