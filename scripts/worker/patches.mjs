import { join } from "node:path";

/**
 * @typedef {object} Edit
 * @property {string} from occurs exactly once
 * @property {string} to
 */

/**
 * @typedef {object} Patch
 * @property {string} file relative to the package's folder `worker`
 * @property {readonly Edit[]} edits
 */

/**
 * DtlsTransport's BIO callback compares the operation with BIO_CB_RETURN, which
 * is one bit of a mask, so it answers 1 to every BIO_ctrl(). An OpenSSL that
 * knows kernel TLS, as Debian's does, takes that for "the kernel does the
 * sending", allocates no write buffer, and crashes at the first DTLS handshake.
 *
 * @type {Patch}
 */
const kernelTls = {
  file: join("src", "RTC", "DtlsTransport.cpp"),
  edits: [{ from: "(operationType == BIO_CB_RETURN)", to: "(operationType & BIO_CB_RETURN)" }],
};

/**
 * What a socket sends while it is read leaves together, once all that was there
 * is read: `network/datagram-batch.hpp`, docs/adr/0023.
 *
 * @type {readonly Patch[]}
 */
const batchedSending = [
  {
    file: join("include", "handles", "UdpSocketHandle.hpp"),
    edits: [
      {
        from: "	const struct sockaddr* GetLocalAddress() const\n",
        to: `	// Sends what was kept back while the socket was read.
	void SendBatch();
	const struct sockaddr* GetLocalAddress() const
`,
      },
    ],
  },
  {
    file: join("src", "handles", "UdpSocketHandle.cpp"),
    edits: [
      {
        from: "#include <cstring> // std::memcpy()\n",
        to: `#include "datagram-batch.hpp"
#include <cstring> // std::memcpy()
`,
      },
      {
        from: "/* Static methods for UV callbacks. */\n",
        to: `static thread_local aparte::DatagramBatch Batch;
// The socket that is read in this iteration of the loop, whose datagrams are kept back.
static thread_local UdpSocketHandle* BatchingSocket{ nullptr };
static thread_local bool BatchEndArmed{ false };

/* Static methods for UV callbacks. */

inline static void onCloseCheck(uv_handle_t* handle)
{
	delete reinterpret_cast<uv_check_t*>(handle);
}

// The backstop: libuv doesn't tell that nothing is left when it has read as many datagrams as it reads at once.
inline static void onCheck(uv_check_t* handle)
{
	BatchEndArmed = false;
	uv_close(reinterpret_cast<uv_handle_t*>(handle), static_cast<uv_close_cb>(onCloseCheck));

	if (BatchingSocket)
	{
		BatchingSocket->SendBatch();
	}
}

// Lives for an iteration, so that nobody has to close it when the loop ends.
inline static void armBatchEnd(uv_loop_t* loop)
{
	if (BatchEndArmed)
	{
		return;
	}

	auto* check = new uv_check_t;

	// Neither can fail.
	uv_check_init(loop, check);
	uv_check_start(check, static_cast<uv_check_cb>(onCheck));
	BatchEndArmed = true;
}
`,
      },
      {
        from: "	// First try uv_udp_try_send(). In case",
        to: `	if (BatchingSocket == this)
	{
		const aparte::BatchedDatagram datagram{ { data, len }, addr, cb };

		if (Batch.add(datagram))
		{
			return;
		}

		// It is full, or the datagram is too long for it. What came before goes first.
		SendBatch();
		BatchingSocket = this;

		if (Batch.add(datagram))
		{
			return;
		}
	}

	// First try uv_udp_try_send(). In case`,
      },
      {
        from: "uint32_t UdpSocketHandle::GetSendBufferSize() const\n",
        to: `void UdpSocketHandle::SendBatch()
{
	MS_TRACE();

	// What is sent from here on leaves at once.
	BatchingSocket = nullptr;

	uv_os_fd_t file{ -1 };

	// Nothing may overtake what already waits for the socket.
	if (uv_udp_get_send_queue_count(this->uvHandle) == 0)
	{
		uv_fileno(reinterpret_cast<uv_handle_t*>(this->uvHandle), std::addressof(file));
	}

	this->sentBytes += Batch.send(
	  file,
	  [this](const aparte::BatchedDatagram& datagram)
	  { Send(datagram.bytes.data(), datagram.bytes.size(), datagram.to, datagram.onSent); });
}

uint32_t UdpSocketHandle::GetSendBufferSize() const
`,
      },
      {
        from: "	this->closed = true;\n",
        to: `	if (BatchingSocket == this)
	{
		SendBatch();
	}

	this->closed = true;
`,
      },
      {
        from: `	if (nread == 0)
	{
`,
        to: `	if (nread == 0)
	{
		// All that was there is read. Whatever else this iteration has to do need not be waited for.
		if (!addr && BatchingSocket == this)
		{
			SendBatch();
		}

`,
      },
      {
        from: "	// Tell UV to write into the static buffer.\n",
        to: `	if (BatchingSocket && BatchingSocket != this)
	{
		BatchingSocket->SendBatch();
	}

	BatchingSocket = this;
	armBatchEnd(this->uvHandle->loop);

	// Tell UV to write into the static buffer.
`,
      },
    ],
  },
];

/** @type {readonly Patch[]} */
export const patches = [kernelTls, ...batchedSending];

/**
 * @param {Patch} patch
 * @param {string} source
 * @throws {Error} if the source isn't the one that the patch was made for
 */
export function applyPatch({ file, edits }, source) {
  return edits.reduce((text, { from, to }) => {
    const parts = text.split(from);
    if (parts.length !== 2) {
      throw new Error(`${file} has ${parts.length - 1} places to patch where 1 was expected`);
    }
    return parts.join(to);
  }, source);
}
