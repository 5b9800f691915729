/* SPDX-License-Identifier: BSD-3-Clause */
/* Mock of the script values that a packet source reads. */
#ifndef MOCK_ZEEK_ZEEK_VAL_H
#define MOCK_ZEEK_ZEEK_VAL_H

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

using zeek_int_t = int64_t;
using zeek_uint_t = uint64_t;

namespace zeek
{

enum TypeTag {
	TYPE_BOOL,
	TYPE_COUNT,
	TYPE_INTERVAL,
	TYPE_ENUM,
	TYPE_STRING,
	TYPE_LIST,
	TYPE_TABLE,
	TYPE_RECORD
};

template <typename T> using IntrusivePtr = std::shared_ptr<T>;

template <typename T, typename... Args>
IntrusivePtr<T> make_intrusive(Args &&...args)
{
	return std::make_shared<T>(std::forward<Args>(args)...);
}

class RecordType;

class Type
{
      public:
	explicit Type(TypeTag t) : tag(t)
	{
	}
	virtual ~Type() = default;
	TypeTag Tag() const
	{
		return tag;
	}
	const RecordType *AsRecordType() const;

      private:
	TypeTag tag;
};

/* Fields by name, in the order of their definition. */
class RecordType : public Type
{
      public:
	explicit RecordType(std::vector<std::string> names)
	    : Type(TYPE_RECORD), fields(std::move(names))
	{
	}
	int FieldOffset(const char *name) const
	{
		for (size_t i = 0; i < fields.size(); i++)
			if (fields[i] == name)
				return static_cast<int>(i);
		return -1;
	}

      private:
	std::vector<std::string> fields;
};

inline const RecordType *Type::AsRecordType() const
{
	return dynamic_cast<const RecordType *>(this);
}

using TypePtr = IntrusivePtr<Type>;
using RecordTypePtr = IntrusivePtr<RecordType>;

class Val;
class ListVal;
class StringVal;
class TableVal;
using ValPtr = IntrusivePtr<Val>;

class Val
{
      public:
	explicit Val(TypePtr t) : type(std::move(t))
	{
	}
	Val(TypeTag tag, double n) : number(n), type(make_intrusive<Type>(tag))
	{
	}
	virtual ~Val() = default;
	const TypePtr &GetType() const
	{
		return type;
	}
	bool AsBool() const
	{
		return number != 0;
	}
	zeek_int_t AsEnum() const
	{
		return static_cast<zeek_int_t>(number);
	}
	zeek_uint_t AsCount() const
	{
		return static_cast<zeek_uint_t>(number);
	}
	double AsInterval() const
	{
		return number;
	}
	ListVal *AsListVal();
	StringVal *AsStringVal();
	TableVal *AsTableVal();

      private:
	double number = 0;
	TypePtr type;
};

class StringVal : public Val
{
      public:
	explicit StringVal(std::string t) : Val(TYPE_STRING, 0), text(t)
	{
	}
	std::string ToStdString() const
	{
		return text;
	}

      private:
	std::string text;
};

class ListVal : public Val
{
      public:
	explicit ListVal(ValPtr v) : Val(TYPE_LIST, 0), value(std::move(v))
	{
	}
	const ValPtr &Idx(size_t) const
	{
		return value;
	}

      private:
	ValPtr value;
};

class TableVal : public Val
{
      public:
	TableVal() : Val(TYPE_TABLE, 0)
	{
	}
	std::unordered_map<ValPtr, ValPtr> ToMap() const
	{
		std::unordered_map<ValPtr, ValPtr> map;

		for (const auto &[key, value] : entries)
			map[make_intrusive<ListVal>(make_intrusive<StringVal>(
				key))] = make_intrusive<StringVal>(value);
		return map;
	}
	std::map<std::string, std::string> entries;
};

class RecordVal : public Val
{
      public:
	explicit RecordVal(const RecordTypePtr &t) : Val(t)
	{
	}
	void Assign(int field, ValPtr value)
	{
		fields[field] = std::move(value);
	}
	std::map<int, ValPtr> fields;
};

using RecordValPtr = IntrusivePtr<RecordVal>;

class ValManager
{
      public:
	ValPtr Count(uint64_t n) const
	{
		return make_intrusive<Val>(TYPE_COUNT, static_cast<double>(n));
	}
};

extern ValManager *val_mgr;

inline ListVal *Val::AsListVal()
{
	return dynamic_cast<ListVal *>(this);
}

inline StringVal *Val::AsStringVal()
{
	return dynamic_cast<StringVal *>(this);
}

inline TableVal *Val::AsTableVal()
{
	return dynamic_cast<TableVal *>(this);
}

} // namespace zeek

#endif
