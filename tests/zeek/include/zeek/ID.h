/* SPDX-License-Identifier: BSD-3-Clause */
/* Mock of the script names, which the tests define. */
#ifndef MOCK_ZEEK_ZEEK_ID_H
#define MOCK_ZEEK_ZEEK_ID_H

#include <map>
#include <string>
#include <string_view>

#include <zeek/Val.h>

namespace zeek::detail
{

class ID
{
      public:
	const ValPtr &GetVal() const
	{
		return value;
	}
	ValPtr value;
	TypePtr type;
};

using IDPtr = IntrusivePtr<ID>;

extern std::map<std::string, IDPtr> *names;

} // namespace zeek::detail

namespace zeek::id
{

const detail::IDPtr &find(std::string_view name);

template <typename T> IntrusivePtr<T> find_type(std::string_view name)
{
	return std::dynamic_pointer_cast<T>(find(name)->type);
}

} // namespace zeek::id

#endif
