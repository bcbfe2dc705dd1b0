#pragma once

#include "openssl-gcm.hpp"

#ifdef __x86_64__
#include "ipsec-gcm.hpp"
#endif

namespace aparte {

/**
 * AES-GCM under one key of 16 or 32 bytes, expanded once. Nonces have 12 bytes, tags 16; what comes
 * out is as long as what goes in, and may be in its place. `open` says whether the tag matched; what
 * it wrote is worth nothing otherwise.
 */
#ifdef __x86_64__
using GcmKey = IpsecGcm;
#else
using GcmKey = OpenSslGcm;
#endif

} // namespace aparte
