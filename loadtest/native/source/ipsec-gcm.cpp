#ifdef __x86_64__

#include "ipsec-gcm.hpp"

#include "engine-error.hpp"
#include "gcm-sizes.hpp"

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include <array>

namespace aparte {

namespace {

struct ManagerDeleter {
  void operator()(IMB_MGR *manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, ManagerDeleter>;

Manager createManager() {
  Manager manager(alloc_mb_mgr(0));
  if (manager == nullptr) throw EngineError("failed", "the library for IPsec can't begin");
  // Takes the fastest code that this processor can run.
  init_mb_mgr_auto(manager.get(), nullptr);
  if (imb_get_errno(manager.get()) != 0) {
    throw EngineError("failed", imb_get_strerror(imb_get_errno(manager.get())));
  }
  return manager;
}

/** Of the thread, as the library demands. */
IMB_MGR *manager() {
  thread_local const Manager own = createManager();
  return own.get();
}

} // namespace

void IpsecGcm::Deleter::operator()(gcm_key_data *key) const {
  OPENSSL_cleanse(key, sizeof *key);
  delete key;
}

IpsecGcm::IpsecGcm(Bytes key) : isLong_(key.size() == 32) {
  if (key.size() != 16 && key.size() != 32) throw EngineError("bad-input", "a key has 16 or 32 bytes");
  IMB_MGR *const with = manager();
  key_.reset(new gcm_key_data);
  if (isLong_) IMB_AES256_GCM_PRE(with, key.data(), key_.get());
  else IMB_AES128_GCM_PRE(with, key.data(), key_.get());
}

void IpsecGcm::seal(const std::uint8_t *nonce, Bytes associatedData, Bytes plaintext, std::uint8_t *target,
                    std::uint8_t *tag) {
  IMB_MGR *const with = manager();
  gcm_context_data context;
  const auto encrypt = isLong_ ? with->gcm256_enc : with->gcm128_enc;
  encrypt(key_.get(), &context, target, plaintext.data(), plaintext.size(), nonce, associatedData.data(),
          associatedData.size(), tag, gcmTagBytes);
}

bool IpsecGcm::open(const std::uint8_t *nonce, Bytes associatedData, Bytes ciphertext, std::uint8_t *target,
                    const std::uint8_t *tag) {
  IMB_MGR *const with = manager();
  gcm_context_data context;
  std::array<std::uint8_t, gcmTagBytes> expected;
  const auto decrypt = isLong_ ? with->gcm256_dec : with->gcm128_dec;
  decrypt(key_.get(), &context, target, ciphertext.data(), ciphertext.size(), nonce, associatedData.data(),
          associatedData.size(), expected.data(), expected.size());
  return CRYPTO_memcmp(expected.data(), tag, expected.size()) == 0;
}

} // namespace aparte

#endif
