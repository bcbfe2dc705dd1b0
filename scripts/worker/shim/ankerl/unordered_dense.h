// ankerl::unordered_dense is a header-only hash table that Debian doesn't ship.
// The worker calls nothing on it that the standard library's tables lack, so
// under its names we hand out those.
#pragma once

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	template<typename Value>
	using hash = std::hash<Value>;

	template<
	  typename Key,
	  typename Value,
	  typename Hash  = std::hash<Key>,
	  typename Equal = std::equal_to<Key>>
	using map = std::unordered_map<Key, Value, Hash, Equal>;

	template<typename Key, typename Hash = std::hash<Key>, typename Equal = std::equal_to<Key>>
	using set = std::unordered_set<Key, Hash, Equal>;
} // namespace ankerl::unordered_dense
