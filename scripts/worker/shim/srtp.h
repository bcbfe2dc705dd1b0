// mediasoup-worker is written against libsrtp 3, which no Debian release ships
// yet. This header gives it the calls it makes, on libsrtp 2. It is found as
// <srtp.h>; the real one is <srtp2/srtp.h>, so the two don't meet.
//
// What differs: in 3 a policy is an opaque object filled in by setters, and
// protect and unprotect have separate input and output buffers with lengths;
// in 2 a policy is a plain struct and packets are changed in place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

// Both versions have a type of this name: step aside while 2 declares its own.
#define srtp_policy_t srtp_v2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

// Results that only 3 knows. They start behind the last one of 2 (bad_mki to
// pkt_idx_adv are 25 to 27), so that no two results share a value.
static constexpr srtp_err_status_t srtp_err_status_buffer_small{ static_cast<srtp_err_status_t>(28) };
static constexpr srtp_err_status_t srtp_err_status_cryptex_err{ static_cast<srtp_err_status_t>(29) };
static_assert(srtp_err_status_pkt_idx_adv < srtp_err_status_buffer_small);

namespace srtp_v2
{
	struct Policy
	{
		srtp_v2_policy_t fields{};
		// 2 takes the master key and, right behind it, the master salt.
		uint8_t keyAndSalt[SRTP_MAX_KEY_LEN]{};

		~Policy()
		{
			// Through a volatile pointer, or the compiler may leave it out.
			std::fill_n(static_cast<volatile uint8_t*>(this->keyAndSalt), sizeof(this->keyAndSalt), 0);
		}
	};

	using Operation = srtp_err_status_t (*)(srtp_t, void*, int*);

	// Copies the packet to where it is wanted and lets 2 work on it there.
	//
	// 2 is told no capacity: when protecting it writes up to `growth` bytes
	// behind the packet. So that much room must be there before it is called.
	inline srtp_err_status_t InPlace(
	  Operation operation,
	  srtp_t session,
	  const uint8_t* input,
	  size_t inputLen,
	  uint8_t* output,
	  size_t* outputLen,
	  size_t growth)
	{
		constexpr size_t maxLen = std::numeric_limits<int>::max() - size_t{ SRTP_MAX_TRAILER_LEN } - 4;

		if (inputLen > maxLen || *outputLen < inputLen + growth)
		{
			return srtp_err_status_buffer_small;
		}

		// The buffers are the same one, or (mediasoup's encrypt buffer) far apart.
		if (output != input)
		{
			std::memcpy(output, input, inputLen);
		}

		int len           = static_cast<int>(inputLen);
		const auto status = operation(session, output, &len);

		if (status == srtp_err_status_ok)
		{
			*outputLen = static_cast<size_t>(len);
		}

		return status;
	}
} // namespace srtp_v2

using srtp_policy_t = srtp_v2::Policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) srtp_v2::Policy{};

	return *policy == nullptr ? srtp_err_status_alloc_fail : srtp_err_status_ok;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->fields.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	if (const auto status = srtp_crypto_policy_set_from_profile_for_rtp(&policy->fields.rtp, profile);
	    status != srtp_err_status_ok)
	{
		return status;
	}

	return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->fields.rtcp, profile);
}

// To be called after srtp_policy_set_profile(), which says how long the key is.
// Master key identifiers aren't supported: mediasoup uses none.
inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	const auto wanted = static_cast<size_t>(policy->fields.rtp.cipher_key_len);

	if (mkiLen != 0 || keyLen + saltLen != wanted || wanted > sizeof(policy->keyAndSalt))
	{
		return srtp_err_status_bad_param;
	}

	std::copy_n(salt, saltLen, std::copy_n(key, keyLen, policy->keyAndSalt));
	policy->fields.key = policy->keyAndSalt;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->fields.allow_repeat_tx = allow;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->fields.window_size = size;

	return srtp_err_status_ok;
}

// 2 derives its session keys in here and keeps nothing of the policy.
inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	const srtp_v2_policy_t* fields = &policy->fields;

	return srtp_create(session, fields);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return srtp_v2::InPlace(
	  ::srtp_protect, session, rtp, rtpLen, srtp, srtpLen, SRTP_MAX_TRAILER_LEN);
}

// RTCP grows by a 4 byte index as well. That fits into the same bound, which
// counts room for the longest master key identifier, of which there is none.
inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return srtp_v2::InPlace(
	  ::srtp_protect_rtcp, session, rtcp, rtcpLen, srtcp, srtcpLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return srtp_v2::InPlace(::srtp_unprotect, session, srtp, srtpLen, rtp, rtpLen, 0);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return srtp_v2::InPlace(::srtp_unprotect_rtcp, session, srtcp, srtcpLen, rtcp, rtcpLen, 0);
}
